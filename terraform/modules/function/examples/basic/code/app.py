"""Says what it was told."""


def handler(event, context):
    """Give the event back."""
    return event

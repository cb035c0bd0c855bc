"""Says what it was told."""


def handler(event, _context):
    """Give the event back."""
    return event

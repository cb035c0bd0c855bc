"""Says how long each line is."""


def model_fn(_model_dir):
    """There is nothing to load."""
    return


def transform_fn(_model, body, _content_type, _accept):
    """The length of each line."""
    lines = body.splitlines()
    return "\n".join(str(len(line)) for line in lines), "text/csv"

"""What ``serve`` is in a container: HTTP servers around a model. See ``server`` for the protocol."""

"""A module that comes with the script."""


def answer() -> int:
    return 42

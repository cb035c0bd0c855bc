"""Beside the entry script."""

from pathlib import Path


def lines(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text().splitlines())

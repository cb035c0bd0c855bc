"""A module beside the entry point."""

import csv
from pathlib import Path


def fit(files: list[Path]) -> float:
    """Least squares through the origin of the first column over the second."""
    rows = [row for path in files for row in csv.reader(path.open())]
    return sum(float(y) * float(x) for y, x, *_ in rows) / sum(float(x) ** 2 for _, x, *_ in rows)

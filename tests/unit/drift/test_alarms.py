"""How often a check is wrong on the mammography data, and how often right: a part of ``bench/drift_alarms.py``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.drift_alarms import CHANGES, mammography
from ropeway.drift.checks import check
from ropeway.drift.constraints import suggest
from ropeway.drift.profiling import profile_arrays, profile_files
from ropeway.drift.reading import Format
from tests.unit.drift.tables import write

DATA = mammography()
BASELINE = profile_arrays(DATA)
CONSTRAINTS = suggest(BASELINE)


def alarms(size: int, batches: int, change: str | None = None) -> int:
    rng = np.random.default_rng(size)
    count = 0
    for _ in range(batches):
        rows = rng.choice(830, size, replace=False)
        batch = {name: values[rows] for name, values in DATA.items()}
        changed = CHANGES[change](batch, rng) if change else batch
        count += bool(check(profile_arrays(changed), BASELINE, CONSTRAINTS).violations)
    return count


def test_the_data_are_the_complete_cases() -> None:
    assert {name: len(values) for name, values in DATA.items()} == dict.fromkeys(DATA, 830)
    assert list(DATA) == ["birads", "age", "shape", "margin", "density"]


def test_the_faulty_batch_of_the_mammography_sample_is_found(tmp_path: Path) -> None:
    """A header in data without one, and five missing values: not drift, but types and completeness."""
    rows = [",".join(map(str, row)) for row in zip(*DATA.values(), strict=True)]
    train = write(tmp_path / "train.csv", "\n".join(rows))
    batch = rows[5:53]
    batch[3] = ",".join(batch[3].split(",")[:4]) + ","
    faulty = write(tmp_path / "faulty.csv", "\n".join([",".join(DATA), *batch]))
    form = Format(header=False)
    baseline = profile_files([train], form)
    clean = profile_files([write(tmp_path / "clean.csv", "\n".join(rows[5:53]))], form)
    assert check(clean, baseline).findings == ()
    found = {(each.column, each.check) for each in check(profile_files([faulty], form), baseline).violations}
    assert found == {("_c4", "completeness"), *((f"_c{place}", "type") for place in range(5))}


@pytest.mark.parametrize(("size", "batches"), [(50, 60), (500, 20)])
def test_clean_batches_raise_at_most_one_alarm_in_twenty(size: int, batches: int) -> None:
    assert alarms(size, batches) <= batches // 20


@pytest.mark.parametrize(
    ("change", "size", "at_least"),
    [("age + 15 years", 50, 19), ("all margins at random", 50, 12), ("age + 5 years", 500, 20)],
)
def test_shifted_batches_are_found(change: str, size: int, at_least: int) -> None:
    assert alarms(size, 20, change) >= at_least

"""The guide to drift: its commands run, and end as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bench.drift_alarms import mammography
from ropeway.pipelines import QualityCheckStep
from tests.cli.conftest import Invoke
from tests.unit.drift.tables import csv_of, write

GUIDE = (Path(__file__).parents[3] / "docs/guides/monitoring.md").read_text(encoding="utf-8")


@pytest.fixture
def data(folder: Path) -> Path:
    whole = mammography()
    rows = range(0, 830, 16)
    batch = {name: values[rows] for name, values in whole.items()}
    older = {**batch, "age": batch["age"] + 15}
    write(folder / "train.csv", csv_of(whole))
    write(folder / "day5.csv", csv_of(older))
    for day, table in enumerate((batch, batch, older)):
        write(folder / f"history/day{day}.csv", csv_of(table))
    write(folder / "policy.yaml", "alpha: 0.01\n")
    return folder


def test_the_commands_of_the_guide_run(invoke: Invoke, data: Path) -> None:
    ran = {}
    for line in re.findall(r"^\$ ropeway (monitor .*)$", GUIDE, re.MULTILINE):
        args = shlex.split(line)
        ran[args[1]] = invoke(*args)
    assert {name: result.exit_code for name, result in ran.items()} == {
        "baseline": 0,
        "check": 3,
        "replay": 0,
    }
    assert "written: baseline/constraints.json" in ran["baseline"].stdout
    assert (data / "day5.html").is_file()
    assert re.search(r"^age +VIOLATION +Integral", ran["check"].stdout, re.MULTILINE)
    assert ran["replay"].stdout.splitlines()[-1] == "1 of 3 windows in violation, 1 alarms (33%)"
    for name, head in (
        ("baseline", "COLUMN   TYPE"),
        ("check", "COLUMN   STATE"),
        ("replay", "WINDOW    ROWS"),
    ):
        assert ran[name].stdout.splitlines()[0].split()[:2] == head.split()
        assert head in GUIDE


def test_the_step_of_the_guide_can_be_built() -> None:
    found = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    names: dict[str, object] = {}
    source = found[1].replace("QualityCheckStep(\n", "step = QualityCheckStep(\n")
    exec(compile(source, "guide", "exec"), names)  # the guide's own code
    assert isinstance(names["step"], QualityCheckStep)

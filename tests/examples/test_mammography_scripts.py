"""The scripts and the data of the mammography use case, in this process: splits, comparisons, answers, days."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ropeway.drift.checks import check
from ropeway.drift.constraints import suggest
from ropeway.drift.policyfile import read_policy
from ropeway.drift.profiling import profile_files
from ropeway.drift.reading import Format

CASE = Path(__file__).parents[2] / "examples" / "mammography"


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"mammography_{Path(name).stem}", CASE / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


DATA: Any = loaded("data.py")
EVALUATE: Any = loaded("scripts/evaluate.py")
ANSWER: Any = loaded("scripts/inference.py")
LOOK_UP: Any = loaded("scripts/latest_approved.py")


@pytest.fixture
def deliveries(tmp_path: Path) -> Path:
    DATA.write(tmp_path / "data")
    return tmp_path / "data"


def prepared(
    root: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch, seed: int = 42
) -> dict[str, Any]:
    """What preprocess.py makes of some deliveries: its files' lines, and its record of the split."""
    script: Any = loaded("scripts/preprocess.py")
    script.ROOT = root
    (root / "input").mkdir(parents=True)
    for file in files:
        shutil.copy(file, root / "input")
    monkeypatch.setattr(sys, "argv", ["preprocess.py", "--seed", str(seed)])
    script.main()
    lines = {name: (root / name / f"{name}.csv").read_text().splitlines() for name in ("train", "test")}
    return {**lines, "split": json.loads((root / "imputer" / "split.json").read_text())}


def test_rows_that_were_set_aside_stay_aside(
    deliveries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part1 = deliveries / "train" / "mammo-train-part1.csv"
    first = prepared(tmp_path / "first", [part1], monkeypatch)
    grown = tmp_path / part1.name
    grown.write_text(part1.read_text() + "5,60,4,4,3,1\n4,40,1,1,3,0\n" * 20)
    again = prepared(tmp_path / "again", [grown, deliveries / DATA.LATER], monkeypatch)
    assert first["test"] == again["test"][: len(first["test"])]
    assert len(again["test"]) > len(first["test"]) + 60
    assert EVALUATE.comparable(first["split"], again["split"]) is None
    total = len(first["train"]) + len(first["test"])
    assert 240 < total < 300
    assert len(first["test"]) / 300 == pytest.approx(0.3, abs=0.05)


def test_models_of_other_splits_are_not_compared(
    deliveries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part1 = deliveries / "train" / "mammo-train-part1.csv"
    first = prepared(tmp_path / "first", [part1], monkeypatch)["split"]
    other = prepared(tmp_path / "other", [part1], monkeypatch, seed=7)["split"]
    assert EVALUATE.comparable(first, other) == "its rows were split by another seed, 42 and not 7"
    head, *rows = part1.read_text().splitlines()
    shuffled = tmp_path / part1.name
    shuffled.write_text("\n".join([head, *reversed(rows)]) + "\n")
    changed = prepared(tmp_path / "changed", [shuffled], monkeypatch)["split"]
    assert "no longer holds the rows" in EVALUATE.comparable(first, changed)
    assert "does not tell what it was trained on" in EVALUATE.comparable(None, first)


def test_too_few_rows_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = tmp_path / "few.csv"
    few.write_text("BIRADS,Age,Shape,Margin,Density,Severity\n5,60,4,4,3,1\n4,40,1,1,3,0\n")
    with pytest.raises(SystemExit, match="2 rows are too few"):
        prepared(tmp_path / "root", [few], monkeypatch)


def test_the_paired_deviation_knows_that_the_rows_are_the_same() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 150)
    one = labels + rng.normal(0, 1, 150)
    two = one + rng.normal(0, 0.3, 150)
    difference, deviation = EVALUATE.delong(labels, one, two)
    assert difference == pytest.approx(EVALUATE.delong(labels, one)[0] - EVALUATE.delong(labels, two)[0])
    variance = 0.0
    for left, right in zip(EVALUATE.placements(labels, one), EVALUATE.placements(labels, two), strict=True):
        parts = np.cov(left, right)
        variance += (parts[0, 0] + parts[1, 1] - 2 * parts[0, 1]) / len(left)
    assert deviation == pytest.approx(np.sqrt(variance))
    assert deviation < EVALUATE.delong(labels, one)[1]


@pytest.mark.parametrize(
    ("noise", "verdict"), [(0.0, "no clear difference"), (0.02, "no clear difference"), (5.0, "better")]
)
def test_models_are_better_only_where_chance_does_not_explain_it(noise: float, verdict: str) -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, 150)
    mine = labels + rng.normal(0, 0.7, 150)
    theirs = mine + rng.normal(0, 1, 150) * noise
    found = EVALUATE.compare(labels, mine, theirs)
    assert found["verdict"] == verdict
    assert EVALUATE.compare(labels, theirs, mine)["verdict"] == {"better": "worse"}.get(verdict, verdict)
    assert (found["p_value"] < 0.05) == (verdict == "better")
    if not noise:
        assert (found["p_value"], found["difference"]["value"]) == (1.0, 0.0)


def test_the_model_answers_headers_by_headers_and_refuses_words() -> None:
    class Booster:
        def predict(self, matrix: Any) -> Any:
            return np.linspace(0.1, 0.9, matrix.num_row())

    model = (Booster(), [*DATA.FEATURES], dict.fromkeys(DATA.FEATURES, 3.0))
    rows = ANSWER.input_fn("BIRADS,Age,Shape,Margin,Density\n5,67,3,5,3\n4,,1,?,3\n", "text/csv")
    assert ANSWER.predict_fn(rows, model) == ["probability", "0.100000", "0.900000"]
    assert ANSWER.predict_fn(rows[1:], model) == ["0.100000", "0.900000"]
    assert ANSWER.predict_fn(rows[:1], model) == ["probability"]
    assert ANSWER.numbers(["4", "", "1", "?", "3"], model[1], model[2]) == [4.0, 3.0, 1.0, 3.0, 3.0]
    with pytest.raises(ValueError, match="67 years"):
        ANSWER.predict_fn([["5", "67 years", "3", "5", "3"]], model)
    with pytest.raises(ValueError, match="5 features, not 4"):
        ANSWER.predict_fn([["5", "67", "3", "5"]], model)


def test_what_the_registry_would_refuse_is_made_fit_or_left_out() -> None:
    assert LOOK_UP.fitting("") == LOOK_UP.fitting(None) == LOOK_UP.address("") == "none"
    assert LOOK_UP.fitting("drift: Age, Shape (p < 0.01)") == "drift: Age Shape p 0.01"
    assert len(LOOK_UP.fitting("word " * 100)) <= 256
    assert LOOK_UP.address("s3://b/k/report.json") == "s3://b/k/report.json"
    assert LOOK_UP.address(f"s3://b/{'k' * 300}") == "see the parameters of the execution"
    assert LOOK_UP.address("s3://b/what?") == "see the parameters of the execution"


def test_days_repeat_and_no_batch_holds_a_row_to_learn_from(tmp_path: Path) -> None:
    batch = tmp_path / "batch" / "mammo-batch.csv"
    drawn = {day: (DATA.write_day(tmp_path, day), batch.read_text())[1] for day in (1, 2, 3)}
    assert len(set(drawn.values())) == 3
    assert DATA.write_day(tmp_path, 2) == "clean"
    assert batch.read_text() == drawn[2]
    assert [DATA.write_day(tmp_path, day) for day in (4, 15, 25)] == ["missing", "drifted", "both"]
    assert set(DATA.CALENDAR.values()) == {*DATA.KINDS} - {"clean"}
    rows = DATA.divide()
    assert (len(rows.first), len(rows.kept), len(rows.second)) == (300, 190, 340)
    with pytest.raises(ValueError, match="'bad' is no kind of day"):
        DATA.write_day(tmp_path, 1, "bad")


def test_clean_days_practically_never_alarm_and_drifted_ones_do_by_drift_alone(
    deliveries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path / "root", [deliveries / "train" / "mammo-train-part1.csv"], monkeypatch)
    policy = read_policy(CASE / "scripts" / "drift-policy.yaml")
    form = Format("csv", missing=policy.missing or ())
    known = profile_files([tmp_path / "root" / "baseline" / "baseline.csv"], form)
    rules = suggest(known)

    def alarms(kind: str, days: int) -> list[set[str]]:
        found = []
        for day in range(days):
            DATA.write_day(tmp_path, day, kind)
            seen = profile_files([tmp_path / "batch" / "mammo-batch.csv"], form)
            found.append({each.type for each in check(seen, known, rules, policy).violations})
        return found

    assert sum(bool(types) for types in alarms("clean", 60)) <= 1
    assert alarms("drifted", 20) == [{"baseline_drift_check"}] * 20
    assert alarms("missing", 10) == [{"completeness_check"}] * 10

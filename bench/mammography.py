"""What drift costs the mammography use case and what retraining wins back, and how often its check alarms.

For each seed of the data: a first model of the first clinic's rows, then one of both clinics' (by the scripts of
``examples/mammography``, in this process), AUCs on held-out rows, DeLong's test of the difference. Then days of each
kind, held against both models' baselines; the figure is the share of days with any violation.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ropeway.drift.checks import check
from ropeway.drift.policyfile import read_policy
from ropeway.drift.profiling import profile_files
from ropeway.drift.reading import Format
from ropeway.drift.summaries import Profile

CASE = Path(__file__).parents[1] / "examples" / "mammography"
SEEDS = range(200, 220)
DAYS = 10
KINDS = ("clean", "drifted", "both", "missing", "renamed", "type")


def run() -> list[dict[str, object]]:
    """Rows of AUCs, then rows of alarms."""
    with tempfile.TemporaryDirectory() as folder, _elsewhere(Path(folder)):
        return measured(Path(folder), SEEDS, DAYS)


def measured(folder: Path, seeds: Sequence[int], days: int) -> list[dict[str, object]]:
    """The same for other seeds and another number of days of each kind."""
    case = _Case()
    reports, alarms = [], {kind: [0, 0] for kind in KINDS}
    for seed in seeds:
        root = folder / str(seed)
        case.data.write(root / "data", seed)
        deliveries = [root / "data" / "train" / "mammo-train-part1.csv", root / "data" / case.data.LATER]
        first = case.trained(root / "first", deliveries[:1])
        second = case.trained(root / "second", deliveries)
        reports.append(case.judged(second, champion=first))
        known = [case.profile(trained / "baseline" / "baseline.csv") for trained in (first, second)]
        for kind, counts in alarms.items():
            for day in range(days):
                case.data.write_day(root, day, kind, seed)
                seen = case.profile(root / "batch" / "mammo-batch.csv")
                for model, baseline in enumerate(known):
                    counts[model] += bool(check(seen, baseline, policy=case.policy).violations)
    rows = [_row(name, [_at(report, path) for report in reports]) for name, path in _FIGURES.items()]
    total = len(seeds) * days
    for kind, counts in alarms.items():
        shares = [f"{count / total:.1%}" for count in counts]
        rows.append({"what": f"alarms, {kind}", "first baseline": shares[0], "second baseline": shares[1]})
    return rows


_PARTS = ("deliveries.mammo-train-part1#csv", "deliveries.mammo-train-part2#csv")
_FIGURES = {
    "first model, first clinic": f"{_PARTS[0]}.champion_auc",
    "first model, second clinic": f"{_PARTS[1]}.champion_auc",
    "first model, both": "champion.auc.value",
    "second model, first clinic": f"{_PARTS[0]}.auc",
    "second model, second clinic": f"{_PARTS[1]}.auc",
    "second model, both": "classification_metrics.auc.value",
    "difference, both": "comparison.difference.value",
    "p (DeLong)": "comparison.p_value",
}


def _at(report: Any, path: str) -> float:
    for part in path.split("."):
        report = report[part.replace("#", ".")]
    return float(report)


def _row(name: str, values: Sequence[float]) -> dict[str, object]:
    return {"what": name, "mean": float(np.mean(values)), "least": min(values), "greatest": max(values)}


class _Case:
    """The use case's own files."""

    def __init__(self) -> None:
        self.data = _loaded(CASE / "data.py")
        self.policy = read_policy(CASE / "scripts" / "drift-policy.yaml")
        self.parameters = dict(_loaded(CASE / "train.py").HYPERPARAMETERS)

    def trained(self, root: Path, deliveries: Sequence[Path]) -> Path:
        """A packaged model of some deliveries, in a folder as a job's; the folder."""
        import xgboost as xgb  # noqa: PLC0415 - as the image's algorithm does

        (root / "input").mkdir(parents=True)
        for delivery in deliveries:
            shutil.copy(delivery, root / "input")
        self._script("preprocess", root, "--seed", "42")
        table = np.genfromtxt(root / "train" / "train.csv", delimiter=",")
        parameters = dict(self.parameters)
        rounds = int(parameters.pop("num_round"))
        booster = xgb.train(parameters, xgb.DMatrix(table[:, 1:], label=table[:, 0]), rounds)
        (root / "model").mkdir()
        (root / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
        with tarfile.open(root / "model" / "model.tar.gz", "w:gz") as archive:
            archive.add(root / "model" / "xgboost-model", "xgboost-model")
        shutil.copytree(CASE / "scripts", root / "code")
        self._script("package", root)
        shutil.copy(root / "packaged" / "model.tar.gz", root / "model")
        return root

    def judged(self, root: Path, champion: Path) -> Any:
        """What evaluate.py says of a model beside a champion."""
        (root / "champion").mkdir()
        shutil.copy(champion / "packaged" / "model.tar.gz", root / "champion")
        for name in ("challenger", "champion"):
            shutil.rmtree(name, ignore_errors=True)
        self._script("evaluate", root, "--champion-version", "1")
        return json.loads((root / "evaluation" / "evaluation.json").read_text(encoding="utf-8"))

    def profile(self, file: Path) -> Profile:
        """A baseline or a batch as the check reads it."""
        return profile_files([file], Format("csv", missing=self.policy.missing or ()))

    def _script(self, name: str, root: Path, *arguments: str) -> None:
        script = _loaded(CASE / "scripts" / f"{name}.py")
        script.ROOT = root
        before, sys.argv = sys.argv, [f"{name}.py", *arguments]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                script.main()
        finally:
            sys.argv = before


def _loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"mammography_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _elsewhere(folder: Path) -> Iterator[None]:
    """In a folder: evaluate.py unpacks into the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

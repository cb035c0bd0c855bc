"""The demonstration: mammography from raw deliveries to predictions by an approved model.

Stages: bring the data, train, approve, predict, compare. Each uses what a user would use: a pipeline module, the
registry, the object store. A second run adds a version and changes nothing else.
"""

from __future__ import annotations

import csv
import io
import runpy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.errors import RopewayError
from ropeway.usecases.executions import ExecutionView, start
from ropeway.usecases.models import VersionView, decide, pending
from ropeway.usecases.ports import Executions, Functions, Pipelines, Registry, Storage
from ropeway.usecases.source import load
from ropeway.usecases.upsert import upsert
from ropeway.values.s3uri import S3Uri

__all__ = ["Clients", "DemoResult", "Interval", "Place", "Predictions", "Run", "StageReport", "run_demo"]

MODEL = "mammography-severity"
REASON = "approved by the demonstration"
MALIGNANT = 0.5


@dataclass(frozen=True)
class Clients:
    """The target's services."""

    pipelines: Pipelines
    executions: Executions
    storage: Storage
    functions: Functions
    registry: Registry


@dataclass(frozen=True)
class Place:
    """Where the demonstration runs.

    Attributes:
        examples: the folder of the example use cases.
        folder: a local folder for the data and the predictions.
    """

    region: str
    role: str
    bucket: str
    examples: Path
    folder: Path


@dataclass(frozen=True)
class StageReport:
    """One stage that is done, with its duration in seconds."""

    name: str
    seconds: float
    detail: str


@dataclass(frozen=True)
class Interval:
    """A metric with its 95 % confidence interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Run:
    """One execution: its reference (``pipeline/id``), ARN, status and duration in seconds."""

    execution: str
    arn: str
    status: str
    steps: int
    seconds: float


@dataclass(frozen=True)
class Predictions:
    """What was predicted.

    Attributes:
        uri: the object in S3.
        file: the local copy.
        rows: how many.
        right: how many are on the side of 0.5 that the truth is on.
    """

    uri: str
    file: str
    rows: int
    right: int


@dataclass(frozen=True)
class DemoResult:
    """What the demonstration did."""

    stages: tuple[StageReport, ...]
    rows: Mapping[str, int]
    training: Run
    auc: Interval
    tested_on: int
    model: str
    approval: str
    inference: Run
    predictions: Predictions


class _Stages:
    def __init__(self, tell: Callable[[StageReport], None]) -> None:
        self._tell = tell
        self._since = time.perf_counter()
        self.reports: list[StageReport] = []

    def done(self, name: str, detail: str) -> None:
        now = time.perf_counter()
        self.reports.append(StageReport(name, now - self._since, detail))
        self._since = now
        self._tell(self.reports[-1])


def run_demo(
    clients: Clients,
    place: Place,
    follow: Callable[[str], ExecutionView],
    tell: Callable[[StageReport], None],
) -> DemoResult:
    """Run the demonstration.

    Args:
        clients: the target's services.
        place: where it runs.
        follow: shows an execution until it has ended.
        tell: hears of every stage that is done.

    Raises:
        RopewayError: a pipeline failed; the message names the step and its reason.
    """
    stages = _Stages(tell)
    rows = _bring_data(clients.storage, place)
    stages.done("data", f"{rows['train']} rows to learn from, {rows['batch']} to predict")
    training = _run(clients, place, "train.py", follow)
    stages.done("train", f"{training.steps} steps, {training.execution}")
    version = pending(clients.registry, clients.storage, MODEL)
    auc = _auc(version)
    approval = decide(clients.registry, version, approve=True, reason=REASON)
    model = f"{version.group}/{version.version}"
    stages.done("approve", f"{model}, AUC {auc.value:.3f} (95 % interval {auc.lower:.3f} to {auc.upper:.3f})")
    inference = _run(clients, place, "inference.py", follow)
    predictions = _collect(clients.storage, place, inference)
    stages.done("predict", f"{predictions.rows} rows, {inference.execution}")
    return DemoResult(
        stages=tuple(stages.reports),
        rows=rows,
        training=training,
        auc=auc,
        tested_on=int(version.metrics.get("rows", 0)),
        model=model,
        approval=approval,
        inference=inference,
        predictions=predictions,
    )


def _bring_data(storage: Storage, place: Place) -> dict[str, int]:
    data = place.folder / "data"
    runpy.run_path(str(place.examples / "mammography" / "data.py"))["write"](data)
    if not storage.has_bucket(place.bucket):
        storage.create_bucket(place.bucket)
    counts = {"train": 0, "batch": 0}
    for file in sorted(data.rglob("*.csv")):
        kind = file.parent.name
        storage.put(place.bucket, f"{MODEL}/data/{kind}/{file.name}", file.read_bytes())
        if kind in counts:
            lines = len(file.read_text(encoding="utf-8").splitlines())
            counts[kind] += lines - (kind == "train")  # training files have a header
    return counts


def _run(clients: Clients, place: Place, module: str, follow: Callable[[str], ExecutionView]) -> Run:
    arguments: dict[str, Any] = {
        "region": place.region,
        "role": place.role,
        "default_bucket": place.bucket,
        "model_name": MODEL,
        "model_package_group_name": MODEL,
    }
    source = load(str(place.examples / "mammography" / module), arguments)
    upsert(
        source,
        clients.pipelines,
        clients.storage,
        clients.functions,
        role=place.role,
        default_bucket=place.bucket,
    )
    began = time.perf_counter()
    view = follow(start(clients.executions, source.name, {}))
    if not view.ended_well:
        step = view.failed_steps[-1] if view.failed_steps else None
        told = f"step {step.name}: {step.reason}" if step else view.reason or view.status
        raise RopewayError(f"{view.pipeline}/{view.name} ended as {view.status}: {told}")
    seconds = time.perf_counter() - began
    return Run(f"{view.pipeline}/{view.name}", view.arn, view.status, len(view.steps), seconds)


def _auc(version: VersionView) -> Interval:
    found = version.metadata
    return Interval(float(found["auc"]), float(found["auc_lower_95"]), float(found["auc_upper_95"]))


def _collect(storage: Storage, place: Place, inference: Run) -> Predictions:
    run = inference.execution.rpartition("/")[2]
    uri = S3Uri(place.bucket, f"{MODEL}/predictions/{run}/mammo-batch.csv.out")
    content = storage.get(uri.bucket, uri.key)
    file = place.folder / "predictions.csv"
    file.write_bytes(content)
    truth = (place.folder / "data" / "truth" / "severity.csv").read_text(encoding="utf-8").split()
    scores = [float(row[-1]) for row in csv.reader(io.StringIO(content.decode("utf-8"))) if row]
    if len(scores) != len(truth):
        raise RopewayError(f"{uri} has {len(scores)} predictions for {len(truth)} rows")
    pairs = zip(scores, truth, strict=True)
    right = sum((score >= MALIGNANT) == (label == "1") for score, label in pairs)
    return Predictions(str(uri), str(file), len(scores), right)

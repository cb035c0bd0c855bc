"""The short demonstration: mammography from raw deliveries to predictions by an approved model, in one account.

Stages: bring the data, train, approve, predict, compare. Each uses what a user would use: a pipeline module, the
registry, the object store. A second run adds a version and changes nothing else.
"""

from __future__ import annotations

import csv
import io
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ropeway.errors import RopewayError
from ropeway.usecases.demo.stages import (
    MALIGNANT,
    MODEL,
    Clients,
    Follow,
    Interval,
    Place,
    Run,
    StageReport,
    Stages,
    auc_of,
    run,
)
from ropeway.usecases.models import decide, pending
from ropeway.usecases.ports import Storage
from ropeway.values.s3uri import S3Uri

__all__ = ["Predictions", "QuickResult", "bring_data", "run_quick"]

REASON = "approved by the demonstration"


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
class QuickResult:
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


def run_quick(
    clients: Clients,
    place: Place,
    follow: Follow,
    tell: Callable[[StageReport], None],
) -> QuickResult:
    """Run the demonstration.

    Args:
        clients: the target's services.
        place: where it runs.
        follow: shows an execution until it has ended.
        tell: hears of every stage that is done.

    Raises:
        RopewayError: a pipeline failed; the message names the step and its reason.
    """
    stages = Stages(tell)
    rows = bring_data(clients.storage, place)
    stages.done("data", f"{rows['train']} rows to learn from, {rows['batch']} to predict")
    training = run(clients, place, "train.py", follow)
    stages.done("train", f"{training.steps} steps, {training.execution}")
    version = pending(clients.registry, clients.storage, MODEL)
    auc = auc_of(version)
    approval = decide(clients.registry, version, approve=True, reason=REASON)
    model = f"{version.group}/{version.version}"
    stages.done("approve", f"{model}, AUC {auc.value:.3f} (95 % interval {auc.lower:.3f} to {auc.upper:.3f})")
    inference = run(clients, place, "inference.py", follow)
    predictions = _collect(clients.storage, place, inference)
    stages.done("predict", f"{predictions.rows} rows, {inference.execution}")
    return QuickResult(
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


def bring_data(storage: Storage, place: Place) -> dict[str, int]:
    """Put the deliveries and the batch into the place's bucket; rows by kind."""
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
            counts[kind] += lines - 1  # the header
    return counts


def _collect(storage: Storage, place: Place, inference: Run) -> Predictions:
    run = inference.execution.rpartition("/")[2]
    uri = S3Uri(place.bucket, f"{MODEL}/predictions/{run}/mammo-batch.csv.out")
    content = storage.get(uri.bucket, uri.key)
    file = place.folder / "predictions.csv"
    file.write_bytes(content)
    truth = (place.folder / "data" / "truth" / "severity.csv").read_text(encoding="utf-8").split()
    _, *lines = csv.reader(io.StringIO(content.decode("utf-8")))  # the header is answered, too
    scores = [float(row[-1]) for row in lines if row]
    if len(scores) != len(truth):
        raise RopewayError(f"{uri} has {len(scores)} predictions for {len(truth)} rows")
    pairs = zip(scores, truth, strict=True)
    right = sum((score >= MALIGNANT) == (label == "1") for score, label in pairs)
    return Predictions(str(uri), str(file), len(scores), right)

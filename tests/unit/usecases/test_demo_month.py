"""Days of the demonstration: what is read from the platform, and days that go otherwise than they should."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ropeway.errors import RopewayError
from ropeway.usecases.demo.month import Account, DayReport, Mail, Month
from ropeway.usecases.demo.stages import Clients, Place
from tests.fakes.aws import ARN, FakeExecutions, FakeFunctions, FakePipelines, FakeRegistry, FakeStorage

EXAMPLES = Path(__file__).parents[3] / "examples"
REPORT = "s3://data/report/constraint_violations.json"
START = datetime(2026, 1, 1, 23, tzinfo=timezone.utc)


Steps = list[dict[str, Any]]
Done = tuple[str, Steps, bool]


class Platform(FakeExecutions):
    """A platform that does each day what it is told to; implements ``Executions`` and ``World``."""

    def __init__(self, storage: FakeStorage, plan: list[Done]) -> None:
        super().__init__()
        self.storage, self.plan = storage, plan
        self.letters: list[Mail] = []
        self.inferences: list[tuple[str, Steps]] = []
        self.trainings: list[str] = []

    def advance(self, seconds: float) -> str:
        assert seconds == 86_400
        if not self.plan:
            return "2026-01-02"
        status, steps, retrains = self.plan.pop(0)
        self.inferences.append((status, steps))
        run = f"day{len(self.inferences)}"
        if status == "Succeeded":
            rows = "\n".join(["BIRADS,probability", *["4,0.9"] * 48])
            self.storage.put(
                "data", f"mammography-severity/predictions/{run}/mammo-batch.csv.out", rows.encode()
            )
        else:
            text = f'"Pipeline execution {ARN}:pipeline/mammography-inference/execution/{run}: Failed."'
            self.letters.append(Mail("a@b.example", "AWS Notification Message", text))
        if retrains:
            self.trainings.append(f"drift-{run}")
        return "2026-01-02"

    def mails(self) -> Sequence[Mail]:
        return list(self.letters)

    def list(self, pipeline: str) -> Iterator[dict[str, Any]]:
        names = (
            self.trainings
            if pipeline.endswith("train")
            else [f"day{at + 1}" for at in range(len(self.inferences))]
        )
        return (
            {"PipelineExecutionArn": f"{ARN}:pipeline/{pipeline}/execution/{name}"}
            for name in reversed(names)
        )

    def describe(self, arn: str) -> dict[str, Any]:
        status = "Succeeded" if "-train/" in arn else self._day(arn)[0]
        return {
            "PipelineExecutionArn": arn,
            "PipelineArn": arn.rpartition("/execution/")[0],
            "PipelineExecutionStatus": status,
            "CreationTime": START,
            "LastModifiedTime": START + timedelta(seconds=2),
        }

    def steps(self, arn: str) -> Steps:
        return [] if "-train/" in arn else self._day(arn)[1]

    def _day(self, arn: str) -> tuple[str, Steps]:
        return self.inferences[int(arn.rpartition("day")[2]) - 1]


def step(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {"StepName": name, "StepStatus": status, "StartTime": START, **more}


def lookup(version: int) -> dict[str, Any]:
    outputs = [{"Name": "version", "Value": f"{version}"}]
    return step("Mammo-LatestApproved", "Succeeded", Metadata={"Lambda": {"OutputParameters": outputs}})


PREDICTS = ("Succeeded", [lookup(1)], False)
CHECK = step(
    "Mammo-DataQuality", "Failed", FailureReason="bad", Metadata={"QualityCheck": {"ViolationReport": REPORT}}
)
STOPS = ("Failed", [lookup(1), CHECK], False)
RETRAINS = ("Failed", [lookup(1), CHECK], True)


def month(folder: Path, plan: list[Done], approved: str | None = "mammography-severity/1") -> Month:
    storage = FakeStorage("data")
    storage.put("data", "report/constraint_violations.json", json.dumps({"violations": [
        {"feature_name": "Age", "constraint_check_type": "baseline_drift_check", "description": "far"}
    ]}).encode())  # fmt: skip
    platform = Platform(storage, plan)
    clients = Clients(FakePipelines(), platform, storage, FakeFunctions(), FakeRegistry())
    account = Account(clients, Place("eu-west-1", "role", "data", EXAMPLES, folder))
    made = Month(account, account, clients, platform, lambda _: pytest.fail("nothing is followed"))
    made._approved = approved
    return made


def live(
    folder: Path, plan: list[Done], *days: str, approved: str | None = "mammography-severity/1"
) -> list[DayReport]:
    return list(month(folder, plan, approved).days([(at, (kind, kind)) for at, kind in enumerate(days, 1)]))


def test_a_good_day_tells_its_predictions_and_their_version(tmp_path: Path) -> None:
    day = live(tmp_path, [PREDICTS], "clean")[0]
    assert (day.rows, day.version, day.failure, day.mails) == (48, "mammography-severity/1", None, ())
    assert 0 < day.right < 48
    assert day.inference.seconds == 2.0


def test_a_drifted_day_tells_columns_retraining_and_mails(tmp_path: Path) -> None:
    day = live(tmp_path, [RETRAINS], "drifted")[0]
    assert day.violations == (("Age", "baseline_drift_check"),)
    assert day.retraining is not None
    assert day.retraining.execution == "mammography-train/drift-day1"
    assert day.mails == ("Pipeline execution mammography-inference/day1: Failed",)


@pytest.mark.parametrize(
    ("kind", "done", "told"),
    [
        ("clean", STOPS, "no predictions"),
        ("clean", ("Succeeded", [lookup(2)], False), "predictions by mammography-severity/2, not by"),
        ("missing", PREDICTS, "unexpectedly predictions"),
        ("missing", RETRAINS, "unexpectedly retraining"),
        ("drifted", STOPS, "unexpectedly no retraining"),
    ],
)
def test_a_day_that_goes_otherwise_fails_and_is_named(
    tmp_path: Path, kind: str, done: Done, told: str
) -> None:
    with pytest.raises(RopewayError, match=f"day 1, {kind}: .*{told}"):
        live(tmp_path, [done], kind)


def test_without_an_approved_version_nothing_may_be_predicted(tmp_path: Path) -> None:
    with pytest.raises(RopewayError, match="unexpectedly predictions"):
        live(tmp_path, [PREDICTS], "clean", approved=None)


def test_a_schedule_that_does_not_fire_is_told(tmp_path: Path) -> None:
    with pytest.raises(RopewayError, match="the schedule started 0 executions"):
        live(tmp_path, [], "clean")

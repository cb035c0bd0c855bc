"""The analyser over jobs: what it submits, how it tells the end, and what a restart finds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ropeway.sandbox.domain.changes import Changes
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.pipelines.analysis import JobAnalyser
from ropeway.sandbox.domain.pipelines.checks import Baseline, Check, Verdict
from ropeway.sandbox.domain.ports import ObjectStore

ARN = "arn:aws:sagemaker:eu-west-1:111111111111:processing-job/check"
OLD = Baseline("s3://b/old/c.json", "s3://b/old/s.json")
OUTPUT = {"S3Uri": "s3://b/out/", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
REQUEST: dict[str, Any] = {
    "ProcessingInputs": [{"InputName": "baseline_dataset_input"}],
    "ProcessingOutputConfig": {"Outputs": [{"OutputName": "o", "S3Output": OUTPUT}]},
    "Environment": {"output_path": "/opt/ml/processing/output"},
}


@dataclass
class FakeJobs:
    """Keeps what is submitted until the test ends it."""

    jobs: dict[str, Job] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    refuses: str | None = None
    changes: Changes[Job] = field(default_factory=Changes)

    def get(self, arn: str) -> Job:
        if arn not in self.jobs:
            raise Invalid("no such job")
        return self.jobs[arn]

    def submit(self, kind: Kind, account: str, region: str, request: Mapping[str, Any], *, tags: Any) -> None:
        if self.refuses:
            raise Invalid(self.refuses)
        name = request["ProcessingJobName"]
        self.jobs[ARN] = Job(kind, account, region, name, request, "InProgress", created=0.0, modified=0.0)

    def stop(self, arn: str) -> None:
        self.stopped.append(arn)

    def end(self, status: str, reason: str | None = None) -> None:
        self.jobs[ARN] = replace(self.jobs[ARN], status=status, failure_reason=reason)
        self.changes.ended(self.jobs[ARN])


@dataclass
class FakeObjects:
    """Objects by key, of one bucket."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def list(self, account: str, bucket: str, prefix: str) -> Iterator[Any]:
        return (SimpleNamespace(key=key) for key in self.contents if key.startswith(prefix))

    def read(self, account: str, bucket: str, key: str, version: str | None = None) -> bytes:
        return self.contents[key]


class Bench:
    def __init__(self) -> None:
        self.jobs, self.objects = FakeJobs(), FakeObjects()
        self.analyser = self.restarted()
        self.verdicts: list[Verdict] = []

    def restarted(self) -> JobAnalyser:
        self.jobs.changes = Changes()
        return JobAnalyser(cast(Jobs, self.jobs), cast(ObjectStore, self.objects))

    def start(self, baseline: Baseline | None = OLD) -> str:
        check = Check("DATA_QUALITY", "111111111111", "eu-west-1", "check", REQUEST, baseline)
        return self.analyser.start(check, self.verdicts.append)

    def leave(self, **documents: Any) -> None:
        self.objects.contents = {
            f"out/{name}.json": json.dumps(value).encode() for name, value in documents.items()
        }


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_baseline_is_among_the_jobs_inputs(bench: Bench) -> None:
    assert bench.start() == ARN
    request = bench.jobs.jobs[ARN].request
    inputs = {each["InputName"]: each.get("S3Input", {}).get("S3Uri") for each in request["ProcessingInputs"]}
    assert inputs == {
        "baseline_dataset_input": None,
        "baseline_constraints": OLD.constraints,
        "baseline_statistics": OLD.statistics,
    }
    assert request["Environment"] == {
        "output_path": "/opt/ml/processing/output",
        "baseline_constraints": "/opt/ml/processing/baseline/constraints/c.json",
        "baseline_statistics": "/opt/ml/processing/baseline/statistics/s.json",
    }
    assert len(REQUEST["ProcessingInputs"]) == 1  # the check itself is as it was


def test_a_skipped_check_has_no_baseline(bench: Bench) -> None:
    bench.start(None)
    assert bench.jobs.jobs[ARN].request["ProcessingInputs"] == REQUEST["ProcessingInputs"]


@pytest.mark.parametrize(
    ("violations", "report"), [([], None), ([{"x": 1}], "s3://b/out/constraint_violations.json")]
)
def test_what_the_job_leaves_is_the_verdict(bench: Bench, violations: Any, report: str | None) -> None:
    bench.start()
    bench.leave(statistics={}, constraints={}, constraint_violations={"violations": violations})
    bench.jobs.end("Completed")
    bench.jobs.changes.ended(bench.jobs.jobs[ARN])  # told twice
    new = Baseline("s3://b/out/constraints.json", "s3://b/out/statistics.json")
    assert bench.verdicts == [Verdict(new, report)]


def test_clarify_leaves_one_file(bench: Bench) -> None:
    bench.start(Baseline("s3://b/old/analysis.json"))
    bench.leave(analysis={})
    bench.jobs.end("Completed")
    assert bench.verdicts == [Verdict(Baseline("s3://b/out/analysis.json"))]


def test_a_job_that_fails_is_the_reason(bench: Bench) -> None:
    bench.start()
    bench.jobs.end("Failed", "AlgorithmError: no rows")
    assert bench.verdicts == [Verdict(reason="AlgorithmError: no rows")]


def test_results_that_cannot_be_read_are_a_reason(bench: Bench) -> None:
    bench.start()
    bench.objects.contents = {"out/constraint_violations.json": b"{"}
    bench.jobs.end("Completed")
    assert "cannot be read" in str(bench.verdicts[0].reason)


def test_a_job_that_is_refused_is_not_waited_for(bench: Bench) -> None:
    bench.jobs.refuses = "bad request"
    with pytest.raises(Invalid, match="bad request"):
        bench.start()
    bench.jobs.refuses = None
    bench.start()
    bench.jobs.end("Completed")
    assert len(bench.verdicts) == 1


@pytest.mark.parametrize("ended_between", [True, False])
def test_a_restart_finds_the_job(bench: Bench, ended_between: bool) -> None:
    bench.start()
    bench.leave(constraints={})
    before = bench.jobs.jobs[ARN]
    if ended_between:
        bench.jobs.jobs[ARN] = replace(before, status="Completed")
    bench.analyser = bench.restarted()
    bench.start()
    assert bench.jobs.jobs[ARN].request is before.request  # not submitted again
    if not ended_between:
        assert bench.verdicts == []
        bench.jobs.end("Completed")
    assert len(bench.verdicts) == 1


def test_a_stop_reaches_the_job(bench: Bench) -> None:
    bench.start()
    bench.analyser.stop(ARN)
    assert bench.jobs.stopped == [ARN]

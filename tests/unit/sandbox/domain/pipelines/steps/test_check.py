"""Check steps with an analyser at hand: what it is asked, and what its verdict means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.pipelines.checks import Baseline, Check, Verdict
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext
from tests.unit.sandbox.domain.pipelines.steps.families import ROLE, check_step

PIPELINE = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p"
JOB = "arn:aws:sagemaker:eu-west-1:111111111111:processing-job/pipelines-job"
OLD = {
    "SuppliedBaselineStatistics": "s3://b/old/statistics.json",
    "SuppliedBaselineConstraints": "s3://b/old/constraints.json",
}
NEW = Baseline("s3://b/new/constraints.json", "s3://b/new/statistics.json")
REPORT = "s3://b/new/constraint_violations.json"


class FakeAnalyser:
    """Implements ``checks.Analyser``: keeps what it is asked until the test gives the verdict."""

    def __init__(self, refuses: str | None = None) -> None:
        self.refuses = refuses
        self.stopped: list[str] = []
        self.checks: list[Check] = []
        self.done: Callable[[Verdict], None] | None = None

    def start(self, check: Check, done: Callable[[Verdict], None], /) -> str:
        if self.refuses:
            raise DomainError(self.refuses)
        self.checks.append(check)
        self.done = done
        return JOB

    def stop(self, job_arn: str, /) -> None:
        self.stopped.append(job_arn)


class Lab:
    """Runs one check step by hand."""

    def __init__(self, analyser: FakeAnalyser | None, kind: str = "DATA_QUALITY", **members: Any) -> None:
        document = {"ModelPackageGroupName": None, **members}
        entry = check_step("S", kind, **document)
        settings = {name: value for name, value in entry.items() if name not in {"Name", "Type", "Arguments"}}
        self.spec = StepSpec("S", entry["Type"], entry["Arguments"], settings=settings)
        self.type = STEP_TYPES[self.spec.type]
        self.ends: list[Progress] = []
        self.run: StepRun | None = None
        self.services = cast(
            Services,
            SimpleNamespace(analyser=analyser, form=lambda operation, request: dict(request), registry=None),
        )

    def start(self) -> Progress:
        execution = Execution(PIPELINE, "e", "Executing", 0.0, 0.0, ROLE, 1, "{}", {})
        settings = {name: value for name, value in self.spec.settings.items() if value is not None}
        context = StepContext(
            execution,
            self.spec,
            self.spec.arguments,
            settings,
            "pipelines-job",
            self.services,
            self.ends.append,
            lambda name: self.run if name == "S" else None,
        )
        began = self.type.begin(context)
        self.run = StepRun(
            execution.arn,
            "S",
            self.spec.type,
            began.status,
            1,
            1,
            0.0,
            metadata=began.metadata,
            resource=began.resource,
        )
        if began.status == "Executing":
            self.type.launch(context)
        return began

    @property
    def end(self) -> Progress:
        (progress,) = self.ends
        return progress


def verdict_of(lab: Lab, analyser: FakeAnalyser, verdict: Verdict) -> tuple[Progress, Mapping[str, Any]]:
    lab.start()
    assert analyser.done is not None
    analyser.done(verdict)
    return lab.end, lab.end.metadata[lab.spec.type]


def test_the_analyser_gets_the_request_and_the_baseline_to_check_against() -> None:
    analyser = FakeAnalyser()
    lab = Lab(analyser, **OLD)
    assert lab.start().resource == JOB
    (check,) = analyser.checks
    assert (check.type, check.job, check.account, check.region) == (
        "DATA_QUALITY",
        "pipelines-job",
        "111111111111",
        "eu-west-1",
    )
    assert check.baseline == Baseline(OLD["SuppliedBaselineConstraints"], OLD["SuppliedBaselineStatistics"])
    assert check.request["RoleArn"] == ROLE
    assert "ProcessingJobName" not in check.request


def test_a_check_without_violations_succeeds_and_tells_both_baselines() -> None:
    analyser = FakeAnalyser()
    progress, told = verdict_of(Lab(analyser, **OLD), analyser, Verdict(NEW))
    assert progress.status == "Succeeded"
    assert told == {
        "CheckType": "DATA_QUALITY",
        "SkipCheck": False,
        "RegisterNewBaseline": False,
        "CheckJobArn": JOB,
        "BaselineUsedForDriftCheckStatistics": OLD["SuppliedBaselineStatistics"],
        "BaselineUsedForDriftCheckConstraints": OLD["SuppliedBaselineConstraints"],
        "CalculatedBaselineStatistics": NEW.statistics,
        "CalculatedBaselineConstraints": NEW.constraints,
    }


def test_a_new_baseline_to_register_is_the_one_in_use() -> None:
    analyser = FakeAnalyser()
    lab = Lab(analyser, SkipCheck=True, RegisterNewBaseline=True)
    progress, told = verdict_of(lab, analyser, Verdict(NEW))
    assert analyser.checks[0].baseline is None
    assert progress.status == "Succeeded"
    assert told["BaselineUsedForDriftCheckConstraints"] == NEW.constraints
    assert told["BaselineUsedForDriftCheckStatistics"] == NEW.statistics


@pytest.mark.parametrize(
    ("kind", "words"),
    [("DATA_QUALITY", "Quality check failed"), ("MODEL_BIAS", "Clarify check failed")],
)
def test_violations_fail_the_step(kind: str, words: str) -> None:
    analyser = FakeAnalyser()
    supplied = {"SuppliedBaselineConstraints": "s3://b/c.json"}
    progress, told = verdict_of(Lab(analyser, kind, **supplied), analyser, Verdict(NEW, report=REPORT))
    assert progress.status == "Failed"
    assert progress.reason == f"ClientError: {words}. See violation report {REPORT}"
    assert told["ViolationReport"] == REPORT


@pytest.mark.parametrize("flag", [False, "false", "False"])
def test_violations_are_told_only_where_the_step_says_so(flag: Any) -> None:
    analyser = FakeAnalyser()
    lab = Lab(analyser, FailOnViolation=flag, **OLD)
    progress, told = verdict_of(lab, analyser, Verdict(NEW, report=REPORT))
    assert (progress.status, told["ViolationReport"]) == ("Succeeded", REPORT)


def test_what_cannot_be_computed_fails_the_step() -> None:
    analyser = FakeAnalyser()
    progress, _ = verdict_of(Lab(analyser, **OLD), analyser, Verdict(reason="no data"))
    assert (progress.status, progress.reason) == ("Failed", "ClientError: no data")


def test_an_analyser_that_refuses_fails_the_step() -> None:
    lab = Lab(FakeAnalyser("no such image"), **OLD)
    lab.start()
    assert (lab.end.status, lab.end.reason) == ("Failed", "ClientError: no such image")


def test_a_stop_reaches_the_job() -> None:
    analyser = FakeAnalyser()
    lab = Lab(analyser, **OLD)
    lab.start()
    assert lab.run is not None
    lab.type.stop(lab.run, lab.services)
    assert analyser.stopped == [JOB]


def test_without_a_baseline_there_is_nothing_to_check_against() -> None:
    began = Lab(FakeAnalyser()).start()
    assert began.status == "Failed"
    assert "no baseline to check against" in str(began.reason)


def test_without_an_analyser_a_check_fails_with_that_reason() -> None:
    began = Lab(None, **OLD).start()
    assert began.status == "Failed"
    assert "has no drift analyser" in str(began.reason)
    assert began.metadata["QualityCheck"]["BaselineUsedForDriftCheckConstraints"]


def test_without_an_analyser_a_skipped_check_succeeds_and_calculates_nothing() -> None:
    lab = Lab(None, "MODEL_EXPLAINABILITY", SkipCheck=True)
    began = lab.start()
    assert began.status == "Succeeded"
    assert lab.run is not None
    properties = lab.type.properties(lab.run, lab.services)
    assert properties == {
        "CheckType": "MODEL_EXPLAINABILITY",
        "SkipCheck": True,
        "RegisterNewBaseline": False,
    }
    lab.type.stop(lab.run, lab.services)


@pytest.mark.parametrize(
    ("kind", "members", "words"),
    [
        ("DATA_QUALITY", {"CheckType": "DATA_BIAS"}, "CheckType must be one of DATA_QUALITY, MODEL_QUALITY"),
        ("DATA_BIAS", {"CheckType": None}, "CheckType must be one of DATA_BIAS"),
        ("DATA_QUALITY", {"SkipCheck": "yes"}, "SkipCheck must be true or false"),
        ("DATA_QUALITY", {"FailOnViolation": 1}, "FailOnViolation must be true or false"),
        ("DATA_BIAS", {"RegisterNewBaseline": []}, "RegisterNewBaseline must be true or false"),
        ("DATA_BIAS", {"ModelName": 1}, "ModelName must be a text"),
        ("DATA_BIAS", {"SuppliedBaselineConstraints": {}}, "SuppliedBaselineConstraints must be a text"),
    ],
)
def test_a_wrong_member_is_refused(kind: str, members: dict[str, Any], words: str) -> None:
    lab = Lab(None, kind, **members)
    with pytest.raises(DefinitionError, match=words):
        lab.type.check(lab.spec)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ProcessingResources": None}, "need Arguments.ProcessingResources"),
        ({"AppSpecification": {}}, "AppSpecification.ImageUri"),
        ({"AppSpecification": 1}, "AppSpecification.ImageUri"),
        ({"ProcessingInputs": 1}, "baseline_dataset_input"),
        ({"ProcessingInputs": [1, {"InputName": "x"}]}, "baseline_dataset_input"),
        ({"ProcessingOutputConfig": 1}, "processing output in S3"),
        ({"ProcessingOutputConfig": {"Outputs": [1]}}, "processing output in S3"),
    ],
)
def test_a_wrong_processing_request_is_refused(arguments: dict[str, Any], words: str) -> None:
    lab = Lab(None)
    spec = StepSpec("S", "QualityCheck", {**lab.spec.arguments, **arguments}, settings=lab.spec.settings)
    with pytest.raises(DefinitionError, match=f"step S: .*{words}"):
        lab.type.check(spec)

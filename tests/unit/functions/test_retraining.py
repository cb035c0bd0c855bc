"""Only drift retrains, once, and as often as allowed; people are told of everything with its numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ropeway.functions.retraining import run
from ropeway.functions.retraining_facts import Execution, Settings

HERE = "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/"
NOW = datetime(2026, 11, 21, 23, 5, tzinfo=timezone.utc)
REPORT = "s3://data/e1/constraint_violations.json"
JOB = "arn:aws:sagemaker:eu-west-1:333333333333:processing-job/pipelines-e1-check"
DATA = "s3://data/daily/2026-11-21.csv"
CONTEXT = frozenset({"RetrainingReason", "DriftReportUrl", "DriftedDataUrl"})
SETTINGS = Settings(
    use_case="severity",
    inference="severity-inference",
    train="severity-train",
    checks=frozenset({"Check", "Bias"}),
    topic="arn:aws:sns:eu-west-1:333333333333:people",
    parameters={"Epochs": "3"},
    cool_down_hours=24,
    budget_retrainings=2,
    budget_days=30,
)


def violations(*kinds: str) -> bytes:
    found = [
        {
            "feature_name": f"c{at}",
            "constraint_check_type": kind,
            "description": f"distance 0.{at} reaches\n0.1",
        }
        for at, kind in enumerate(kinds, 1)
    ]
    return json.dumps({"violations": found}).encode()


DRIFT, MISSING = violations("baseline_drift_check"), violations("baseline_drift_check", "completeness_check")


def check(report: str | None, name: str = "Check", status: str = "Failed", **more: Any) -> dict[str, Any]:
    told = {"CheckJobArn": JOB, **({"ViolationReport": report} if report else {})}
    return {"StepName": name, "StepStatus": status, "Metadata": {"QualityCheck": told}, **more}


def execution(
    pipeline: str, name: str, ago: timedelta, status: str = "Succeeded", title: str = ""
) -> Execution:
    return Execution(f"{HERE}{pipeline}/execution/{name}", title or f"execution-{name}", status, NOW - ago)


class World:
    """Two pipelines and a topic."""

    def __init__(self, report: bytes = DRIFT, declared: frozenset[str] = CONTEXT) -> None:
        self.reports = {REPORT: report}
        self.steps: dict[str, list[dict[str, Any]]] = {"e1": [check(REPORT)]}
        self.inferred: list[Execution] = []
        self.trained: list[Execution] = []
        self.names = declared
        self.requests: list[Mapping[str, Any]] = []
        self.mails: list[tuple[str, str]] = []

    def began(self, execution: str) -> datetime:
        return NOW - timedelta(minutes=5)

    def ended_before(self, pipeline: str, moment: datetime, count: int) -> Sequence[Execution]:
        assert (pipeline, moment) == (SETTINGS.inference, self.began(""))
        return [each for each in self.inferred if each.started < moment and not each.running][:count]

    def since(self, pipeline: str, moment: datetime) -> Sequence[Execution]:
        assert pipeline == SETTINGS.train
        return [each for each in self.trained if each.started >= moment]

    def checks(self, execution: str, names: frozenset[str]) -> Sequence[Mapping[str, Any]]:
        steps = self.steps.get(execution.rpartition("/")[2], [])
        return [step for step in steps if step["StepName"] in names]

    def report(self, uri: str) -> bytes:
        return self.reports[uri]

    def data(self, job: str) -> str | None:
        return DATA if job == JOB else None

    def declared(self, pipeline: str) -> frozenset[str]:
        return self.names

    def start(self, request: Mapping[str, Any]) -> str:
        self.requests.append(request)
        made = execution(
            "severity-train", "t9", timedelta(0), "Executing", request["PipelineExecutionDisplayName"]
        )
        self.trained.insert(0, made)
        return made.arn

    def tell(self, subject: str, text: str) -> None:
        self.mails.append((subject, text))


def event(**detail: Any) -> dict[str, Any]:
    told = {
        "pipelineArn": f"{HERE}severity-inference",
        "pipelineExecutionArn": f"{HERE}severity-inference/execution/e1",
        "stepName": "Check",
        "currentStepStatus": "Failed",
    }
    return {"time": "2026-11-21T23:05:00Z", "detail": {**told, **detail}}


def decided(world: World, settings: Settings = SETTINGS) -> dict[str, Any]:
    return run(event(), settings, world, world)


def refused(world: World, settings: Settings = SETTINGS) -> list[str]:
    """The reasons of a refusal, which people are told."""
    answer = decided(world, settings)
    assert answer["outcome"] == "refused"
    assert world.requests == []
    (mail,) = world.mails
    assert mail[0] == "severity: drift, no retraining"
    assert all(f"Not retrained: {reason}." in mail[1] for reason in answer["reasons"])
    reasons: list[str] = answer["reasons"]
    return reasons


def test_drift_retrains_with_its_reason_and_people_are_told() -> None:
    world = World()
    assert decided(world) == {"outcome": "started", "execution": f"{HERE}severity-train/execution/t9"}
    (request,) = world.requests
    reason = "severity-inference found drift: c1: distance 0.1 reaches 0.1 (baseline_drift_check)"
    assert request["PipelineName"] == "severity-train"
    assert request["PipelineExecutionDisplayName"] == "drift-e1"
    assert request["PipelineExecutionDescription"] == reason
    assert 32 <= len(request["ClientRequestToken"]) <= 128
    assert {each["Name"]: each["Value"] for each in request["PipelineParameters"]} == {
        "Epochs": "3",
        "RetrainingReason": reason,
        "DriftReportUrl": REPORT,
        "DriftedDataUrl": DATA,
    }
    ((subject, text),) = world.mails
    assert subject == "severity: retraining started"
    for told in (
        "c1: distance 0.1",
        REPORT,
        DATA,
        "severity-train/execution/t9",
        "severity-inference/execution/e1",
    ):
        assert told in text


@pytest.mark.parametrize("declared", [frozenset(), frozenset({"DriftReportUrl"})])
def test_a_pipeline_is_told_what_it_declares(declared: frozenset[str]) -> None:
    world = World(declared=declared)
    decided(world)
    assert {each["Name"] for each in world.requests[0]["PipelineParameters"]} == {"Epochs", *declared}


def test_an_event_that_comes_again_starts_nothing_again() -> None:
    world = World()
    first = decided(world)
    assert decided(world) == first
    assert len(world.requests) == 1
    assert world.mails[0] == world.mails[1]


def test_the_token_is_the_executions() -> None:
    one, same, other = World(), World(), World()
    other.steps["e2"] = other.steps["e1"]
    decided(one)
    decided(same)
    run(event(pipelineExecutionArn=f"{HERE}severity-inference/execution/e2"), SETTINGS, other, other)
    tokens = [world.requests[0]["ClientRequestToken"] for world in (one, same, other)]
    assert tokens[0] == tokens[1] != tokens[2]


@pytest.mark.parametrize(
    "kind", ["completeness_check", "data_type_check", "missing_column_check", "extra_column_check"]
)
def test_other_violations_are_bad_data_even_beside_drift(kind: str) -> None:
    world = World(violations("baseline_drift_check", kind))
    assert decided(world)["outcome"] == "bad data"
    assert world.requests == []
    ((subject, text),) = world.mails
    assert subject == "severity: bad data, no retraining"
    assert f"({kind})" in text
    assert REPORT in text


def test_what_counts_as_drift_is_configured() -> None:
    world = World(violations("model_quality_check"))
    assert decided(world)["outcome"] == "bad data"
    assert decided(world, replace(SETTINGS, drift=frozenset({"model_quality_check"})))["outcome"] == "started"


def test_a_check_that_itself_failed_is_not_drift() -> None:
    world = World()
    world.steps["e1"] = [check(None, FailureReason="AlgorithmError: the file\nis empty")]
    assert decided(world) == {
        "outcome": "check failed",
        "reasons": ["Check: AlgorithmError: the file is empty"],
    }
    assert world.requests == []
    ((subject, text),) = world.mails
    assert subject == "severity: check failed, no retraining"
    assert "the file is empty" in text


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (b"", "can be read"),
        (b"[]", "can be read"),
        (b'{"violations": []}', "no violation"),
        (b"{}", "can be read"),
    ],
)
def test_a_report_that_says_nothing_is_not_drift(report: bytes, words: str) -> None:
    answer = decided(World(report))
    assert answer["outcome"] == "check failed"
    assert words in answer["reasons"][0]


def test_a_report_that_cannot_be_reached_is_an_error_for_lambda_to_repeat() -> None:
    world = World()
    world.reports = {}
    with pytest.raises(KeyError):
        decided(world)
    assert world.mails == []


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        (check(None, "Bias", FailureReason="no permission"), "check failed"),
        (check("s3://data/bad.json", "Bias"), "bad data"),
        (check(None, "Bias", "Executing"), "started"),
        (check(None, "Bias", "Succeeded"), "started"),
        (check(None, "Elsewhere", FailureReason="not a check"), "started"),
    ],
)
def test_the_worst_of_several_checks_counts(other: dict[str, Any], outcome: str) -> None:
    world = World()
    world.reports["s3://data/bad.json"] = MISSING
    world.steps["e1"].append(other)
    assert decided(world)["outcome"] == outcome


def test_checks_of_clarify_are_read_too() -> None:
    world = World(violations("bias_drift_check"))
    world.steps["e1"] = [
        {
            "StepName": "Bias",
            "StepStatus": "Failed",
            "Metadata": {"ClarifyCheck": {"ViolationReport": REPORT}},
        }
    ]
    answer = run(
        event(stepName="Bias"), replace(SETTINGS, drift=frozenset({"bias_drift_check"})), world, world
    )
    assert answer["outcome"] == "started"
    told = {each["Name"]: each["Value"] for each in world.requests[0]["PipelineParameters"]}
    assert told["DriftedDataUrl"] == ""


@pytest.mark.parametrize(
    "detail",
    [{"stepName": "Transform"}, {"currentStepStatus": "Succeeded"}, {"pipelineArn": f"{HERE}other"}],
)
def test_events_of_others_are_ignored(detail: dict[str, str]) -> None:
    world = World()
    assert run(event(**detail), SETTINGS, world, world) == {"outcome": "ignored"}
    assert world.mails == []


def history(world: World, *states: str) -> None:
    """Ended executions of inference, one a day, newest first: ``drift``, ``clean``, ``bad`` or ``broken``."""
    reports = {"drift": "s3://data/drift.json", "bad": "s3://data/bad.json", "clean": None, "broken": None}
    world.reports |= {"s3://data/drift.json": DRIFT, "s3://data/bad.json": MISSING}
    for at, state in enumerate(states, 1):
        world.inferred.append(execution(SETTINGS.inference, f"o{at}", timedelta(days=at), "Failed"))
        status = "Succeeded" if state == "clean" else "Failed"
        world.steps[f"o{at}"] = [check(reports[state], status=status)]


@pytest.mark.parametrize(
    ("states", "needed", "of", "drifted"),
    [
        ((), 1, 1, None),
        (("clean", "clean"), 1, 3, None),
        (("drift",), 2, 3, None),
        (("clean", "drift"), 2, 3, None),
        (("drift", "drift"), 3, 3, None),
        ((), 2, 3, "1 of the last 1"),
        (("clean", "clean", "drift"), 2, 3, "1 of the last 3"),
        (("bad", "broken"), 2, 3, "1 of the last 3"),
        (("drift", "clean"), 3, 3, "2 of the last 3"),
    ],
)
def test_enough_of_the_last_executions_must_have_drifted(
    states: tuple[str, ...], needed: int, of: int, drifted: str | None
) -> None:
    world = World()
    history(world, *states)
    settings = replace(SETTINGS, windows_needed=needed, windows_of=of)
    if drifted is None:
        assert decided(world, settings)["outcome"] == "started"
    else:
        (reason,) = refused(world, settings)
        assert (
            reason == f"drift in {drifted} executions of severity-inference, and {needed} of {of} are needed"
        )


def test_executions_that_began_later_do_not_count() -> None:
    world = World()
    world.inferred = [execution(SETTINGS.inference, "later", -timedelta(days=1), "Failed")]
    world.steps["later"] = [check(REPORT)]
    assert refused(world, replace(SETTINGS, windows_needed=2, windows_of=2))


def test_a_cool_down_is_kept() -> None:
    world = World()
    world.trained = [execution(SETTINGS.train, "t1", timedelta(hours=20), "Failed", "drift-e0")]
    (reason,) = refused(world)
    assert (
        reason
        == "the last retraining for drift (drift-e0) began 20.0 hours before, and the cool-down is 24 hours"
    )
    assert decided(world, replace(SETTINGS, cool_down_hours=20))["outcome"] == "started"


def test_an_event_of_yesterday_does_not_retrain_after_one_of_today() -> None:
    world = World()
    world.trained = [execution(SETTINGS.train, "t1", -timedelta(hours=3), "Succeeded", "drift-e5")]
    assert "began 0.0 hours before" in refused(world)[0]


def test_what_people_started_is_no_retraining_for_drift() -> None:
    world = World()
    world.trained = [execution(SETTINGS.train, f"t{at}", timedelta(hours=at)) for at in range(1, 5)]
    assert decided(world)["outcome"] == "started"


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_nothing_starts_while_something_trains(status: str) -> None:
    world = World()
    world.trained = [execution(SETTINGS.train, "t1", timedelta(days=3), status)]
    (reason,) = refused(world)
    assert reason == (
        "severity-train is running already, since 2026-11-18 23:05 UTC: "
        "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/severity-train/execution/t1"
    )


def test_a_budget_is_kept() -> None:
    world = World()
    world.trained = [
        execution(SETTINGS.train, f"t{days}", timedelta(days=days), title=f"drift-x{days}")
        for days in (2, 29, 31)
    ]
    assert refused(world) == ["2 retrainings for drift in the last 30 days, and the budget is 2"]
    assert decided(world, replace(SETTINGS, budget_days=28))["outcome"] == "started"


def test_every_reason_is_told_at_once() -> None:
    world = World()
    world.trained = [
        execution(SETTINGS.train, f"t{at}", timedelta(hours=at), "Executing", f"drift-x{at}") for at in (1, 2)
    ]
    assert len(refused(world, replace(SETTINGS, windows_needed=2, windows_of=2))) == 5


def test_long_reports_are_cut() -> None:
    world = World(violations(*["baseline_drift_check"] * 60))
    decided(world)
    values = [each["Value"] for each in world.requests[0]["PipelineParameters"]]
    assert max(map(len, values)) == 1024
    assert "and 20 more" in world.mails[0][1]
    assert "\n- c40: " in world.mails[0][1]
    assert "c41" not in world.mails[0][1]

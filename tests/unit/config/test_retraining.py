"""A retraining loop reaches both stacks, and what is wrong with one is told at its place."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.config.tfvars import tfvars
from tests.unit.config.examples import GOOD, complaints, platform

SMALL = "group: severity, train: train, inference: infer, checks: [Check]"


def unit(text: str) -> str:
    """The good file with keys of the unit."""
    return GOOD.replace("    environments:\n", f"    {text}\n    environments:\n")


def loop(more: str = "", word: str = "severity", small: str = SMALL) -> str:
    return unit(f"retraining: {{{word}: {{{small}{', ' if more and small else ''}{more}}}}}")


def given(text: str, environment: str) -> dict[str, Any]:
    """The variables of one root."""
    return tfvars(platform(text), "retail", environment)


def test_a_loop_runs_in_the_last_environment_with_careful_defaults() -> None:
    assert given(loop(), "prod")["retraining"] == {
        "severity": {
            "inference": "infer",
            "train": "train",
            "checks": ["Check"],
            "functions": [],
            "drift_kinds": ["baseline_drift_check"],
            "parameters": {},
            "failures": {"inference": ["Failed"], "train": ["Failed"]},
            "windows": {"needed": 1, "of": 1},
            "cool_down_hours": 24,
            "budget": {"retrainings": 3, "days": 30},
        }
    }
    assert "retraining" not in given(loop(), "dev")


def test_every_key_reaches_the_environment() -> None:
    text = loop(
        "environments: [dev, prod], functions: [newest], drift: [baseline_drift_check, model_quality_check],"
        " schedule: 'cron(0 23 * * ? *)',"
        " timezone: Europe/Berlin, parameters: {inference: {Day: today}, train: {Rounds: '50'}},"
        " failures: {inference: [Failed, Stopped], train: []}, windows: {needed: 2, of: 3}, cool_down_hours: 72,"
        " budget: {retrainings: 1, days: 7}"
    )
    for environment in ("dev", "prod"):
        assert given(text, environment)["retraining"]["severity"] == {
            "inference": "infer",
            "train": "train",
            "checks": ["Check"],
            "functions": ["newest"],
            "drift_kinds": ["baseline_drift_check", "model_quality_check"],
            "schedule": {
                "expression": "cron(0 23 * * ? *)",
                "timezone": "Europe/Berlin",
                "parameters": {"Day": "today"},
            },
            "parameters": {"Rounds": "50"},
            "failures": {"inference": ["Failed", "Stopped"], "train": []},
            "windows": {"needed": 2, "of": 3},
            "cool_down_hours": 72,
            "budget": {"retrainings": 1, "days": 7},
        }
    assert "retraining" not in given(text, "preprod")


def test_operations_lets_it_register_and_tells_of_what_waits() -> None:
    found = given(loop("environments: [preprod, prod]"), "operations")
    assert found["writers"] == ["222222222222", "333333333333"]
    assert found["waiting"] == {"severity": "severity"}
    assert found["model_groups"] == {"severity": "Versions of severity"}
    assert not {"writers", "waiting", "model_groups"} & given(GOOD, "operations").keys()


def test_a_group_keeps_the_description_that_the_file_has() -> None:
    text = loop().replace(
        "    retraining:", "    model_groups: {severity: ours, other: too}\n    retraining:"
    )
    assert given(text, "operations")["model_groups"] == {"severity": "ours", "other": "too"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            "environments: [live]",
            "environments[0]: 'live' is none of the unit's environments | write one of dev,",
        ),
        ("environments: [dev, dev]", "environments[1]: 'dev' is listed twice"),
        ("environments: []", "environments: must not be empty"),
        (
            "schedule: 0 23 * * *",
            "schedule: '0 23 * * *' is not when something starts | write cron(0 6 * * ? *)",
        ),
        ("schedule: rate(1 day), timezone: Mars", "timezone: 'Mars' is not a time zone"),
        ("windows: {needed: 3, of: 2}", "windows: 'needed' is 3, and 'of' only 2 | so many cannot drift"),
        ("windows: {needed: 0}", "windows.needed: must be 1 or more"),
        ("cool_down_hours: -1", "cool_down_hours: must be 0 or more"),
        ("budget: {days: 0}", "budget.days: must be more than 0"),
        ("budget: {times: 3}", "budget.times: unknown key 'times'"),
        ("drift: [a check]", "drift[0]: 'a check' is not a kind of violations"),
        (
            "parameters: {inference: {A: b}}",
            "parameters.inference: nothing starts inference with these parameters",
        ),
        (
            "parameters: {train: {DriftReportUrl: x}}",
            "parameters: 'DriftReportUrl' is told by what was found",
        ),
        ("failures: {train: [Succeeded]}", "failures.train[0]: "),
    ],
)
def test_what_is_wrong_is_told_at_its_place(more: str, told: str) -> None:
    (complaint,) = complaints(loop(more))
    assert complaint.partition("units.retail.retraining.severity.")[2].startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (loop(small=SMALL.replace("train: train", "train: infer")), "'infer' would retrain itself"),
        (loop(small=SMALL.replace("[Check]", "[Check, Check]")), "checks[1]: 'Check' is listed twice"),
        (loop(small=SMALL.replace("[Check]", "[]")), "severity.checks: "),
        (loop(small=SMALL.replace("train: train", "train: 'arn:aws:x'")), "is not a pipeline's name"),
        (loop(word="Severity"), "is not a use case's name"),
        (loop(word="execution"), "'execution' makes the name of a role that is there"),
        (loop(word="screening-of-breasts"), "'acme-retail-prod-screening-of-breasts' has 37 characters"),
        (
            loop(word="x").replace("retail:", "retail-of-many-shops:").replace("prod:", "p:"),
            "'acme-retail-of-many-shops-operations' has 36 characters",
        ),
        (
            unit(f"retraining: {{a: {{{SMALL}}}, a-retraining: {{{SMALL.replace(': infer', ': other')}}}}}"),
            "makes the queue 'acme-retail-prod-a-retraining-dead-letters', and units.retail.retraining.a makes it, too",
        ),
        (
            unit(f"retraining: {{a: {{{SMALL}}}, b: {{{SMALL}}}}}"),
            "units.retail.retraining.a watches it, too",
        ),
        (
            loop().replace(
                "    retraining:",
                "    events: {drift: {d: {pipeline: infer, steps: [Check], retrain: train}}}\n    retraining:",
            ),
            "the events of 'prod' have a drift rule for it, too",
        ),
    ],
)
def test_loops_that_would_clash_are_refused(text: str, told: str) -> None:
    (complaint,) = complaints(text)
    assert told in complaint
    assert ".retraining" in complaint


def test_two_loops_may_watch_a_pipeline_of_the_same_name_elsewhere() -> None:
    text = unit(f"retraining: {{a: {{{SMALL}}}, b: {{{SMALL}, environments: [dev]}}}}")
    assert set(given(text, "dev")["retraining"]) == {"b"}
    assert given(text, "operations")["writers"] == ["111111111111", "333333333333"]

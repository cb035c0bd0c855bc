"""The registry: what a reference means, and deciding."""

from __future__ import annotations

import pytest

from ropeway.errors import AwsError, RopewayError, UsageError
from ropeway.usecases.models import GroupLine, decide, groups_of, pending, show
from tests.fakes.aws import ARN, FakeRegistry, FakeStorage

WAITS = "PendingManualApproval"


def test_groups_tell_their_newest_and_their_newest_approved_version() -> None:
    registry = FakeRegistry(a=["Approved", "Approved", WAITS], b=[])
    assert groups_of(registry) == [GroupLine("a", 3, WAITS, 2), GroupLine("b", 0, None, None)]


def test_a_group_means_its_newest_version_and_metrics_are_read_from_its_report() -> None:
    storage = FakeStorage("reports")
    storage.put("reports", "evaluation.json", b'{"auc": {"value": 0.9, "interval": [0.8, 1]}, "rows": 7}')
    found = show(FakeRegistry(a=["Approved", WAITS]), storage, "a")
    assert (found.version, found.approval) == (2, WAITS)
    assert found.metrics == {"auc.value": 0.9, "rows": 7}
    assert show(FakeRegistry(a=["Approved", WAITS]), storage, "a/1").version == 1
    assert show(FakeRegistry(a=["Approved", WAITS]), storage, f"{ARN}:model-package/a/1").version == 1


@pytest.mark.parametrize("report", [b"no json", None])
def test_a_version_stands_without_its_report(report: bytes | None) -> None:
    storage = FakeStorage("reports")
    if report:
        storage.put("reports", "evaluation.json", report)
    assert show(FakeRegistry(a=[WAITS]), storage, "a").metrics == {}


def test_deciding_takes_the_newest_version_that_waits() -> None:
    registry = FakeRegistry(a=[WAITS, WAITS, "Rejected"])
    version = pending(registry, FakeStorage(), "a")
    assert version.version == 2
    assert decide(registry, version, approve=True, reason="good") == "Approved"
    assert registry.decided == [(version.arn, "Approved", "good")]


def test_a_version_that_is_named_may_be_decided_again() -> None:
    registry = FakeRegistry(a=["Approved"])
    assert pending(registry, FakeStorage(), "a/1").version == 1


@pytest.mark.parametrize(
    ("reference", "message", "error"),
    [
        ("a", "no version of a waits for approval", RopewayError),
        ("a/9", "group a has no version 9", RopewayError),
        ("a/x", "'x' is no version", UsageError),
        ("z", "no group z", AwsError),
    ],
)
def test_what_is_not_there_is_named(reference: str, message: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        pending(FakeRegistry(a=["Approved"]), FakeStorage(), reference)

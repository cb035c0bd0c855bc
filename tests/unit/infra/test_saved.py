"""A saved plan is applied while everything that it was made of is what it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ropeway.infra.failures import StaleError
from ropeway.infra.roots import Root, select
from ropeway.infra.saved import Record, StateId, drop, keep, recall
from ropeway.infra.stream import Change, Summary
from ropeway.infra.working import LOCK_FILE, Workplace
from tests.unit.config.examples import platform

STATE = StateId("lineage", 4)


@pytest.fixture
def root() -> Root:
    return select(platform(), "retail", "dev")[0]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A root's folder with a saved plan."""
    code = tmp_path / "code"
    code.mkdir()
    (code / LOCK_FILE).write_text("lock")
    place = Workplace(tmp_path, code, "stack", "values")
    place.plan.write_bytes(b"plan")
    planned = (Summary(1), [Change("aws_x.a", "create", "aws_x")])
    keep(place, Record.of(place, STATE, "sandbox", "Terraform 1.11.4", planned))
    return place


def again(root: Root, place: Workplace, **now: str | StateId) -> Record | None:
    given = {"state": STATE, "target": "sandbox", "terraform": "Terraform 1.11.4", **now}
    return recall(root, place, **given)  # type: ignore[arg-type] # of the types that are given


def test_a_plan_whose_world_stands_still_is_taken(root: Root, place: Workplace) -> None:
    record = again(root, place)
    assert record is not None
    assert record.summary == Summary(1)
    assert record.changes == (Change("aws_x.a", "create", "aws_x"),)


def test_no_plan_is_no_record(root: Root, place: Workplace) -> None:
    drop(place)
    assert again(root, place) is None


def _altered(place: Workplace) -> Workplace:
    place.plan.write_bytes(b"another")
    return place


def _other_lock(place: Workplace) -> Workplace:
    (place.code / LOCK_FILE).write_text("other")
    return place


def _broken_record(place: Workplace) -> Workplace:
    place.record.write_text("{")
    return place


def _no_record(place: Workplace) -> Workplace:
    place.record.unlink()
    return place


def _later_format(place: Workplace) -> Workplace:
    told = json.loads(place.record.read_text())
    place.record.write_text(json.dumps({**told, "version": 2}))
    return place


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_altered, "changed after it was made"),
        (_other_lock, "the providers are other ones"),
        (_broken_record, r"plan\.json, is missing or broken"),
        (_no_record, r"plan\.json, is missing or broken"),
        (_later_format, r"plan\.json, is missing or broken"),
        (lambda place: replace(place, values_digest="new"), r"ropeway\.yaml gives other values"),
        (lambda place: replace(place, stack_digest="new"), "the stack's code"),
    ],
)
def test_a_plan_whose_files_changed_is_refused(
    root: Root, place: Workplace, change: Callable[[Workplace], Workplace], said: str
) -> None:
    with pytest.raises(StaleError, match=f"retail/dev: the saved plan is not applied: .*{said}") as caught:
        again(root, change(place))
    assert caught.value.hint == "ropeway infra plan --unit retail --env dev makes a new one"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"state": StateId("lineage", 5)}, "the state was changed since"),
        ({"state": StateId("other", 4)}, "the state was changed since"),
        ({"target": "aws"}, "made for the target 'sandbox'"),
        ({"terraform": "OpenTofu 1.11.0"}, r"made by Terraform 1\.11\.4, and this is OpenTofu"),
    ],
)
def test_a_plan_whose_world_moved_is_refused(
    root: Root, place: Workplace, now: dict[str, str | StateId], said: str
) -> None:
    with pytest.raises(StaleError, match=said):
        again(root, place, **now)

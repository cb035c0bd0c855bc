"""A saved plan's record: what the plan was made of, and whether all of that is still so.

Beside ``plan`` stands ``plan.json`` with the plan's own SHA-256 and those of the values, the stack's code and the
providers' lock file, the state's lineage and serial, the target, and Terraform's version. ``apply`` applies a plan
only while every one of them is what it was: exactly what was looked at, or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from ropeway.infra.failures import StaleError
from ropeway.infra.roots import Root
from ropeway.infra.stream import Change, Summary
from ropeway.infra.working import Workplace, file_digest

__all__ = ["Record", "StateId", "drop", "drop_fresh", "keep", "recall"]


@dataclass(frozen=True)
class StateId:
    """Which state, and which of its versions; empty and 0 where there is none yet."""

    lineage: str = ""
    serial: int = 0


@dataclass(frozen=True)
class Record:
    """What a plan was made of."""

    plan: str
    values: str
    stack: str
    lock: str
    state: StateId
    target: str
    terraform: str
    made: str
    summary: Summary
    changes: tuple[Change, ...]

    @classmethod
    def of(
        cls,
        place: Workplace,
        state: StateId,
        target: str,
        terraform: str,
        planned: tuple[Summary, list[Change]],
    ) -> Record:
        """The record of a plan that was just made."""
        return cls(
            plan=file_digest(place.plan),
            values=place.values_digest,
            stack=place.stack_digest,
            lock=place.lock_digest,
            state=state,
            target=target,
            terraform=terraform,
            made=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            summary=planned[0],
            changes=tuple(planned[1]),
        )


def keep(place: Workplace, record: Record) -> None:
    """Write a record beside its plan."""
    text = json.dumps({"version": 1, **asdict(record)}, indent=2) + "\n"
    place.record.write_text(text, encoding="utf-8")


def drop(place: Workplace) -> None:
    """Remove a root's plans, and the record."""
    for file in (place.record, place.plan, place.fresh):
        file.unlink(missing_ok=True)


def drop_fresh(place: Workplace) -> None:
    """Remove the plan that a command made for itself."""
    place.fresh.unlink(missing_ok=True)


def recall(root: Root, place: Workplace, state: StateId, target: str, terraform: str) -> Record | None:
    """The record of the saved plan, which may be applied; None where none is saved.

    Raises:
        StaleError: the plan is not what was planned, or what it was made of is no longer so.
    """
    if not place.plan.exists() and not place.record.exists():
        return None
    try:
        record = _parsed(json.loads(place.record.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        raise _refused(root, "its record, plan.json, is missing or broken") from None
    if record.plan != file_digest(place.plan):
        raise _refused(root, "the file was changed after it was made")
    now = {
        f"it was made for the target {record.target!r}": record.target != target,
        "ropeway.yaml gives other values now": record.values != place.values_digest,
        "the stack's code or its backend is another one now": record.stack != place.stack_digest,
        "the providers are other ones now": record.lock != place.lock_digest,
        f"it was made by {record.terraform}, and this is {terraform}": record.terraform != terraform,
        "the state was changed since": record.state != state,
    }
    for reason, differs in now.items():
        if differs:
            raise _refused(root, reason)
    return record


def _refused(root: Root, reason: str) -> StaleError:
    unit, environment = root.site.unit_name, root.site.environment_name
    hint = f"ropeway infra plan --unit {unit} --env {environment} makes a new one"
    return StaleError([(f"{root.name}: the saved plan is not applied: {reason}", hint)])


def _parsed(told: Mapping[str, Any]) -> Record:
    if told["version"] != 1:
        raise ValueError(told["version"])
    rest = {name: told[name] for name in ("plan", "values", "stack", "lock", "target", "terraform", "made")}
    return Record(
        **rest,
        state=StateId(**told["state"]),
        summary=Summary(**told["summary"]),
        changes=tuple(Change(**each) for each in told["changes"]),
    )

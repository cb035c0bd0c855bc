"""What Terraform's ``-json`` stream tells, read line by line into one picture of a run.

Source: Terraform's documentation of its machine-readable UI (``ui`` 1.x); OpenTofu writes the same. Lines that are not
JSON and messages of unknown types are passed over: new versions may say more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ropeway.infra.diagnostics import Diagnostic

__all__ = ["Change", "Reading", "Summary"]

# Actions that change something; reads of data sources do not.
_PAST = {"create": "created", "update": "changed", "delete": "deleted", "replace": "replaced"}


@dataclass(frozen=True)
class Change:
    """What is planned for one resource, or what somebody else did to it.

    Attributes:
        action: ``create``, ``update``, ``delete``, ``replace``, ``read``, ``move``, ``import``, ``forget``.
        kind: the resource's type.
        reason: why it is replaced or deleted, in Terraform's word, or nothing.
    """

    address: str
    action: str
    kind: str
    reason: str = ""


@dataclass(frozen=True)
class Summary:
    """How many resources come, change and go."""

    add: int = 0
    change: int = 0
    remove: int = 0

    @property
    def total(self) -> int:
        """Operations in all."""
        return self.add + self.change + self.remove


@dataclass
class Reading:
    """What a run has told so far.

    Attributes:
        version: of Terraform, once it has told.
        refreshed: how many resources were read.
        done: operations that have ended well.
        running: operations that go on: address to ``(action, elapsed seconds)``.
        changes: what is planned.
        summary: of the plan, or of what was applied.
    """

    version: str = ""
    refreshed: int = 0
    done: int = 0
    failed: int = 0
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    summary: Summary | None = None
    outputs_change: bool = False

    @property
    def errors(self) -> list[Diagnostic]:
        """The diagnostics that are errors."""
        return [each for each in self.diagnostics if each.severity == "error"]

    @property
    def planned(self) -> Summary:
        """The plan's summary, or what is known of it from the changes told so far."""
        if self.summary is not None:
            return self.summary
        actions = [change.action for change in self.changes]
        replaced = actions.count("replace")
        return Summary(
            actions.count("create") + replaced, actions.count("update"), actions.count("delete") + replaced
        )

    def feed(self, line: str) -> str | None:
        """Take one line.

        Returns:
            What to tell a person who reads line by line, or None.
        """
        try:
            message = json.loads(line)
        except ValueError:
            return None
        if not isinstance(message, dict):
            return None
        take = getattr(self, f"_on_{message.get('type')}", None)
        told: str | None = take(message) if take else None
        return told

    def _on_version(self, message: dict[str, Any]) -> None:
        self.version = str(message.get("terraform") or message.get("tofu") or "")

    def _on_refresh_complete(self, _: dict[str, Any]) -> None:
        self.refreshed += 1

    def _on_planned_change(self, message: dict[str, Any]) -> None:
        self.changes.append(_change(message["change"]))

    def _on_change_summary(self, message: dict[str, Any]) -> None:
        told = message["changes"]
        self.summary = Summary(told.get("add", 0), told.get("change", 0), told.get("remove", 0))

    def _on_outputs(self, message: dict[str, Any]) -> None:
        actions = [each.get("action", "noop") for each in message.get("outputs", {}).values()]
        self.outputs_change = any(action != "noop" for action in actions)

    def _on_diagnostic(self, message: dict[str, Any]) -> None:
        self.diagnostics.append(Diagnostic.of(message.get("diagnostic", {})))

    def _on_apply_start(self, message: dict[str, Any]) -> None:
        address, action = _hook(message)
        self.running[address] = (action, 0.0)

    def _on_apply_progress(self, message: dict[str, Any]) -> None:
        address, action = _hook(message)
        self.running[address] = (action, float(message["hook"].get("elapsed_seconds", 0)))

    def _on_apply_complete(self, message: dict[str, Any]) -> str | None:
        address, action = _hook(message)
        self.running.pop(address, None)
        if action not in _PAST:
            return None
        self.done += 1
        return f"{_PAST[action]} {address} ({message['hook'].get('elapsed_seconds', 0):g} s)"

    def _on_apply_errored(self, message: dict[str, Any]) -> str:
        address, action = _hook(message)
        self.running.pop(address, None)
        self.failed += 1
        return f"could not {action} {address}"


def _hook(message: dict[str, Any]) -> tuple[str, str]:
    hook = message["hook"]
    return str(hook["resource"]["addr"]), str(hook.get("action", ""))


def _change(told: dict[str, Any]) -> Change:
    resource = told["resource"]
    return Change(
        str(resource["addr"]),
        str(told.get("action", "")),
        str(resource.get("resource_type", "")),
        str(told.get("reason", "")),
    )

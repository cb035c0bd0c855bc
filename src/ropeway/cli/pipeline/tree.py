"""An execution as a tree of steps in plain text: what has run, what runs, what waits, what was skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropeway.pipelines.outline import Node
    from ropeway.usecases.executions import ExecutionView, StepView

__all__ = ["change_lines", "duration", "tree_lines"]

_MARKS = {"Succeeded": "✓", "Failed": "✗", "Executing": "●", "Starting": "●", "Stopping": "◌", "Stopped": "◌"}


def tree_lines(nodes: Sequence[Node], view: ExecutionView, now: datetime | None = None) -> list[str]:
    """The tree, one line per step, titles aligned."""
    steps = {step.name: step for step in view.steps}
    rows = list(_rows(nodes, ""))
    known = {node.name for _, node in rows}
    width = max((len(lead) + len(node.name) for lead, node in rows), default=0)
    kinds = max((len(node.type) for _, node in rows), default=0)
    lines = [
        f"{lead}{_mark(steps.get(node.name), view)} {node.name.ljust(width - len(lead))}  {node.type.ljust(kinds)}"
        f"  {_told(steps.get(node.name), view, now)}".rstrip()
        for lead, node in rows
    ]
    lines += [
        f"{_mark(s, view)} {s.name}  {s.type}  {_told(s, view, now)}"
        for s in view.steps
        if s.name not in known
    ]
    return [f"{view.pipeline}/{view.name}  {view.status}{_span(view, now)}", *lines]


def change_lines(before: ExecutionView | None, now: ExecutionView) -> list[str]:
    """One line per step whose status is another than before."""
    old = {step.name: step.status for step in before.steps} if before else {}
    return [
        f"{_MARKS.get(step.status, '?')} {step.name}  {_told(step, now, None)}"
        for step in now.steps
        if old.get(step.name) != step.status
    ]


def duration(seconds: float | None) -> str:
    """``12 ms``, ``0.4 s``, ``12 s``, ``3 min 05 s``, ``2 h 04 min``."""
    if seconds is None:
        return ""
    if seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def _rows(nodes: Sequence[Node], indent: str) -> Iterator[tuple[str, Node]]:
    for number, node in enumerate(nodes, 1):
        last = number == len(nodes)
        branch = f"{node.branch}: " if node.branch else ""
        yield f"{indent}{'└─' if last else '├─'} {branch}", node
        yield from _rows(node.children, f"{indent}{'   ' if last else '│  '}")


def _mark(step: StepView | None, view: ExecutionView) -> str:
    if step is None:
        return "·" if view.running else "-"
    return "↺" if step.cached_from else _MARKS.get(step.status, "?")


def _told(step: StepView | None, view: ExecutionView, now: datetime | None) -> str:
    if step is None:
        return "waiting" if view.running else "not run"
    parts = [step.status]
    if step.cached_from:
        parts.append(f"from the cache ({step.cached_from.rpartition('/')[2]})")
    elif (seconds := step.seconds(now)) is not None:
        parts.append(duration(seconds))
    if step.outcome:
        parts.append(f"outcome {step.outcome}")
    if step.reason:
        parts.append(step.reason)
    return "  ".join(parts)


def _span(view: ExecutionView, now: datetime | None) -> str:
    end = view.ended or now
    return f"  {duration((end - view.started).total_seconds())}" if view.started and end else ""

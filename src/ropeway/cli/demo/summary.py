"""What the demonstration tells: a line for each day, and the summary."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ropeway.cli.demo.running import near
from ropeway.cli.pipeline.tree import duration

if TYPE_CHECKING:
    from ropeway.cli.demo.story import Demonstration
    from ropeway.usecases.demo.month import DayReport

__all__ = ["day_line", "summary"]

_LABEL = 11
_WIDE = 110
_REASON = 90
_BELOW = "\n" + " " * 24
_COLUMNS = 3


def day_line(day: DayReport) -> str:
    """A day in a line, and what it set off in more."""
    lines = [f"{day.title}: {_outcome(day)}"]
    if day.retraining:
        lines.append(f"retrained: {day.retraining.execution}")
    lines.extend(f"mail: {text}" for text in day.mails)
    return _BELOW.join(lines)


def _outcome(day: DayReport) -> str:
    if day.failure is None:
        return f"{day.rows} predictions by {day.version}, {day.right} right"
    if day.violations:
        kinds: dict[str, list[str]] = {}
        for column, kind in day.violations:
            kinds.setdefault(kind, []).append(column)
        return f"no predictions; {', '.join(f'{kind} in {_columns(names)}' for kind, names in kinds.items())}"
    reason = day.failure.strip().rpartition("\n")[2]
    return f"no predictions; {reason if len(reason) <= _REASON else '…' + reason[1 - _REASON :]}"


def _columns(names: list[str]) -> str:
    more = f" and {len(names) - _COLUMNS} more" if len(names) > _COLUMNS else ""
    return f"{', '.join(names[:_COLUMNS])}{more}"


def summary(told: Demonstration) -> str:
    """The demonstration on a screen."""
    made, auc = told.platform, told.auc
    state = "is running" if told.running else "is stopped; its state is kept"
    accounts = ", ".join(f"{name.rpartition('/')[2]} {number}" for name, number in made.accounts.items())
    rows = [
        ("platform", f"{sum(made.made.values())} resources by Terraform, described by {near(made.file)}"),
        ("accounts", accounts),
        ("first", f"{told.first}, AUC {auc.value:.3f}, 95 % interval {auc.lower:.3f} to {auc.upper:.3f}"),
        ("better", _wrapped(f"{told.better}: {told.comparison}")),
        ("days", _days(told)),
        ("mails", f"{sum(len(day.mails) for day in told.days)}, in the sandbox's mailbox"),
        ("sandbox", f"{told.endpoint} {state}"),
    ]
    lines = [f"  {label.ljust(_LABEL)}{text}" for label, text in rows]
    head = f"A platform, and {len(told.days)} days of a model in it, ran on this machine in {duration(told.seconds)}."
    return "\n".join(["", head, "", *lines, "", *_next(told)])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDE, subsequent_indent=" " * (_LABEL + 2))


def _days(told: Demonstration) -> str:
    predicted = [day for day in told.days if day.failure is None]
    drifted = [day for day in told.days if day.retraining]
    rows = sum(day.rows for day in predicted)
    return (
        f"{len(predicted)} with predictions ({rows} rows), {len(told.days) - len(predicted)} stopped before any, "
        f"{len(drifted)} retrained"
    )


def _next(told: Demonstration) -> list[str]:
    last = told.days[-1].inference.execution
    if told.running:
        return [
            "What to try next",
            f"  export ROPEWAY_SANDBOX_URL={told.endpoint}",
            "  ropeway sandbox mail list                        what people were told",
            f"  ropeway --account 444444444444 model show {told.better}",
            f"  ropeway --account 333333333333 pipeline show {last}",
            "  ropeway sandbox clock advance 1d                 the next day",
            f"  kill {_pid(told)}    # ends it",
        ]
    return [
        "What to try next",
        "  ropeway demo --keep                              the same, and a sandbox to look around in",
        "  ropeway demo --quick                             the model alone, in seconds",
        "  ropeway sandbox start                            a sandbox of your own",
        "  docs/guides/first-pipeline.md                    your own pipeline",
        "  docs/guides/describe-your-platform.md            your own platform",
    ]


def _pid(told: Demonstration) -> int:
    from pathlib import Path

    from ropeway.cli import process

    running = process.find(Path(told.folder) / "sandbox")
    return running.pid if running else 0

"""Follow an execution: a tree that redraws itself on a terminal, a line per change elsewhere; then its end.

Ctrl-C leaves the following, not the execution: on a terminal it asks whether to stop it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from ropeway.cli.app import App
from ropeway.cli.pipeline.tree import change_lines, tree_lines
from ropeway.errors import RopewayError

if TYPE_CHECKING:
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.pipelines.outline import Node
    from ropeway.usecases.executions import ExecutionView
    from ropeway.usecases.ports import Executions

__all__ = ["Started", "conclude", "finish", "watch"]

_STYLES = {"✓": "green", "✗": "bold red", "●": "cyan", "↺": "blue", "◌": "yellow", "·": "dim", "-": "dim"}
_LAST_LINES = 15


@dataclass(frozen=True)
class Started:
    """An execution that goes on by itself."""

    arn: str


def finish(app: App, arn: str, *, wait: bool = True) -> None:
    """Follow an execution to its end and tell it; without ``wait``, tell where it is.

    Raises:
        RopewayError: it failed, or was stopped.
    """
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.pipelines.outline import outline

    if not wait:
        app.output.data(Started(arn), arn)
        return
    executions = ExecutionsClient.of(app.session)
    nodes = outline(executions.definition(arn))
    app.output.progress(f"execution: {arn}")
    try:
        view = watch(app, executions, arn, nodes)
    except KeyboardInterrupt:
        view = _interrupted(app, executions, arn, nodes)
    conclude(app, view, nodes)


def conclude(app: App, view: ExecutionView, nodes: tuple[Node, ...]) -> None:
    """Tell an execution; with the log's last lines when it failed.

    Raises:
        RopewayError: it failed, or was stopped.
    """
    app.output.data(view, lambda: "\n".join(tree_lines(nodes, view, datetime.now(timezone.utc))))
    if view.running or view.ended_well:
        return
    reference = f"{view.pipeline}/{view.name}"
    if not view.failed_steps:
        told = f": {view.reason}" if view.reason else ""
        raise RopewayError(
            f"execution {reference} is {view.status}{told}",
            hint=f"ropeway pipeline retry {reference} goes on",
        )
    step = view.failed_steps[-1]
    _tell_log(app, view)
    raise RopewayError(
        f"execution {reference} failed: step {step.name}: {step.reason or view.reason or 'no reason was given'}",
        hint=f"ropeway pipeline logs {reference} --step {step.name}" if step.job else None,
    )


def _tell_log(app: App, view: ExecutionView) -> None:
    from ropeway.aws.jobs import JobsClient
    from ropeway.usecases.logs import step_lines

    step = view.failed_steps[-1]
    lines = step_lines(JobsClient.of(app.session), step, last=_LAST_LINES)
    if lines:
        app.output.progress(f"the last lines of {step.name}:")
    for line in lines:
        app.output.progress(f"  {line.message}")


def watch(app: App, executions: Executions, arn: str, nodes: tuple[Node, ...]) -> ExecutionView:
    """Show an execution until it has ended; how it then stands."""
    return _draw(app, executions, arn, nodes) if app.output.live else _print(app, executions, arn)


def _print(app: App, executions: Executions, arn: str) -> ExecutionView:
    from ropeway.usecases.executions import follow

    before = None
    for view in follow(executions, arn, time.sleep, app.session.pause):
        for line in change_lines(before, view):
            app.output.progress(line)
        before = view
    assert before is not None
    return before


def _draw(app: App, executions: Executions, arn: str, nodes: tuple[Node, ...]) -> ExecutionView:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from ropeway.usecases.executions import follow

    latest: list[ExecutionView] = []

    def picture() -> Text:
        if not latest:
            return Text("")
        lines = tree_lines(nodes, latest[0], datetime.now(timezone.utc))
        return Text("\n", no_wrap=True, overflow="ellipsis").join(Text(line, _style(line)) for line in lines)

    console = Console(stderr=True)
    # The tree goes away when it is done: the result that is printed next is the same tree.
    with Live(console=console, refresh_per_second=8, transient=True, get_renderable=picture):
        for view in follow(executions, arn, time.sleep, app.session.pause):
            latest[:] = [view]
    return latest[0]


def _style(line: str) -> str:
    return next((_STYLES[letter] for letter in line if letter in _STYLES and letter != "-"), "")


def _interrupted(app: App, executions: ExecutionsClient, arn: str, nodes: tuple[Node, ...]) -> ExecutionView:
    from ropeway.usecases.executions import view

    now = view(executions, arn)
    reference = f"{now.pipeline}/{now.name}"
    if now.running and sys.stdin.isatty() and click.confirm("\nStop the execution?", err=True):
        executions.stop(arn)
        return watch(app, executions, arn, nodes)
    if now.running:
        app.output.progress(
            f"{reference} goes on. Follow it: ropeway pipeline show {reference} --follow; "
            f"stop it: ropeway pipeline stop {reference}"
        )
        raise click.Abort
    return now

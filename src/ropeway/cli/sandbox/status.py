"""``ropeway sandbox status``."""

from __future__ import annotations

from dataclasses import dataclass

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand

__all__ = ["Status", "status"]


@dataclass(frozen=True)
class Status:
    """Whether a sandbox runs on the project's state folder: ``running``, ``stopped`` or ``not answering``."""

    status: str
    endpoint: str | None
    pid: int | None
    state: str


@click.command(cls=SandboxCommand)
@pass_app
def status(app: App) -> None:
    """Tell whether the sandbox runs, and where. Exit status 1 when it does not."""
    state = process.state_folder()
    running = process.find(state)
    if running is None and (pid := process.holder(state)):
        app.output.data(
            Status("not answering", None, pid, str(state)),
            f"sandbox does not answer: it starts, ends or hangs (pid {pid}, state in {state})",
        )
        click.get_current_context().exit(1)
    if running is None:
        app.output.data(
            Status("stopped", None, None, str(state)), f"sandbox is not running (state in {state})"
        )
        click.get_current_context().exit(1)
    app.output.data(
        Status("running", running.endpoint, running.pid, str(state)),
        f"sandbox is running: {running.endpoint} (pid {running.pid}, state in {state})",
    )

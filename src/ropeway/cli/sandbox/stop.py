"""``ropeway sandbox stop``."""

from __future__ import annotations

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.status import Status

__all__ = ["stop"]


@click.command(cls=SandboxCommand)
@pass_app
def stop(app: App) -> None:
    """Stop the sandbox. Its state stays."""
    state = process.state_folder()
    running = process.find(state)
    if running is not None:
        process.stop(running)
    said = "sandbox stopped" if running else "sandbox is not running"
    app.output.data(Status("stopped", None, None, str(state)), said)

"""``ropeway sandbox clock reset``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.asking import ask
from ropeway.cli.sandbox.clock.telling import shown

__all__ = ["reset"]


@click.command(cls=SandboxCommand)
@pass_app
def reset(app: App) -> None:
    """Have the sandbox go by the machine's time again; schedules go on from there."""
    document = ask(app, "clock", "DELETE")
    app.output.data(document, lambda: shown(document))

"""``ropeway sandbox clock show``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.asking import ask
from ropeway.cli.sandbox.clock.telling import shown

__all__ = ["show"]


@click.command(cls=SandboxCommand)
@pass_app
def show(app: App) -> None:
    """Show the sandbox's time, and when something is due next."""
    document = ask(app, "clock", "GET")
    app.output.data(document, lambda: shown(document))

"""``ropeway sandbox faults list``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.faults.asking import ask, listed

__all__ = ["list_"]


@click.command("list", cls=SandboxCommand)
@pass_app
def list_(app: App) -> None:
    """Show the faults on order, and how many tries each will still spoil."""
    faults = ask(app, "GET")["faults"]
    app.output.data(faults, lambda: listed(faults))

"""``ropeway sandbox faults clear``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.faults.asking import ask

__all__ = ["clear"]


@click.command(cls=SandboxCommand)
@pass_app
def clear(app: App) -> None:
    """Take back all orders."""
    answer = ask(app, "DELETE")
    app.output.data(answer, f"faults taken back: {answer['cleared']}")

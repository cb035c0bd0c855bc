"""``ropeway sandbox mail clear``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.asking import ask

__all__ = ["clear"]


@click.command(cls=SandboxCommand)
@pass_app
def clear(app: App) -> None:
    """Empty the mailbox."""
    document = ask(app, "mail", "DELETE")
    app.output.data(document, lambda: f"removed {document['cleared']} mails")

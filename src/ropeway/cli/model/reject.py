"""``ropeway model reject``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.model.deciding import decide

__all__ = ["reject"]


@click.command(cls=Command)
@click.argument("model")
@click.option("--reason", help="Why; kept with the version.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def reject(app: App, model: str, reason: str | None, yes: bool) -> None:
    """Reject a version after showing it: the named one, or the newest that waits for a decision."""
    decide(app, model, approve=False, reason=reason, yes=yes)

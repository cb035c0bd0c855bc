"""``ropeway sandbox run``."""

from __future__ import annotations

import os
import shutil

import click

from ropeway.cli.app import App, misleading, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.env import variables
from ropeway.errors import UsageError

__all__ = ["run"]


@click.command(cls=SandboxCommand, context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_app
def run(app: App, command: tuple[str, ...]) -> None:
    """Run a command against the sandbox: ropeway sandbox run -- aws s3 ls. Ends with the command's status."""
    if shutil.which(command[0]) is None:
        raise UsageError(f"there is no command {command[0]!r}", hint="check its name and PATH")
    found = variables(app)
    environment = {name: value for name, value in os.environ.items() if name not in misleading()} | found
    os.execvpe(command[0], list(command), environment)  # noqa: S606 - the command is the caller's own

"""``ropeway sandbox env``."""

from __future__ import annotations

import os
import shlex

import click

from ropeway.cli import process
from ropeway.cli.app import App, misleading, pass_app
from ropeway.cli.lazy import SandboxCommand

__all__ = ["env", "variables"]


@click.command(cls=SandboxCommand)
@pass_app
def env(app: App) -> None:
    """Print shell lines that point any AWS tool at the sandbox: eval "$(ropeway sandbox env)"."""
    found = variables(app)
    if running := process.find(process.state_folder()):
        app.warn_of_another(running.endpoint)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    unset = " ".join(sorted({"AWS_PROFILE", *misleading()}))
    app.output.data(found, "\n".join([f"unset {unset}", *lines]))


def variables(app: App) -> dict[str, str]:
    """The environment of programs that are to use the sandbox."""
    from ropeway.usecases.client import client_environment

    session = app.sandbox_session(hours=12)
    folder = process.state_folder() / "sdk"
    return client_environment(session.environment(), str(session.endpoint), os.environ, folder)

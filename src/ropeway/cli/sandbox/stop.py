"""``ropeway sandbox stop``."""

from __future__ import annotations

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.status import Status

__all__ = ["stop"]


@click.command(cls=SandboxCommand)
@click.option("--keep-jobs", is_flag=True, help="Let running jobs go on; the next start takes them over.")
@pass_app
def stop(app: App, keep_jobs: bool) -> None:
    """Stop the sandbox and its jobs. Its state stays."""
    state = process.state_folder()
    stopped = process.stop(state)
    ended = 0 if keep_jobs else process.end_jobs(state)
    said = "sandbox stopped" if stopped else "sandbox is not running"
    if ended:
        said += f"; ended {ended} job{'s' if ended > 1 else ''}, which fail{'' if ended > 1 else 's'} at the next start"
    app.output.data(Status("stopped", None, None, str(state)), said)

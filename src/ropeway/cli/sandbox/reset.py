"""``ropeway sandbox reset``."""

from __future__ import annotations

import os
import shutil
import sys

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.status import Status
from ropeway.errors import UsageError

__all__ = ["reset"]

_DELETED = ".deleted-"


@click.command(cls=SandboxCommand)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def reset(app: App, yes: bool) -> None:
    """Stop the sandbox and delete everything in it: buckets, pipelines, jobs, models."""
    state = process.state_folder()
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"reset deletes {state}", hint="say so with --yes")
        click.confirm(f"Delete everything in {state}?", abort=True, err=True)
    if state.exists():
        with process.locked(state):
            process.stop(state)
            process.end_jobs(state)
            # Away at once: what is left of a folder that was deleted by half would be served.
            state.rename(state.with_name(f"{state.name}{_DELETED}{os.getpid()}"))
    for rest in state.parent.glob(f"{state.name}{_DELETED}*"):
        shutil.rmtree(rest, ignore_errors=rest.name != f"{state.name}{_DELETED}{os.getpid()}")
    app.output.data(Status("stopped", None, None, str(state)), f"deleted {state}")

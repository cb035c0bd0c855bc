"""``ropeway job stop``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command

__all__ = ["stop"]


@click.command(cls=Command)
@click.argument("job")
@pass_app
def stop(app: App, job: str) -> None:
    """Ask a job to stop: its process gets two minutes to end."""
    from ropeway.aws.jobs import JobsClient
    from ropeway.usecases import jobs

    line = jobs.stop(JobsClient.of(app.session), job)
    app.output.data(line, f"stopping {line.kind} job {line.name}")

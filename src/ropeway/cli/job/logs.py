"""``ropeway job logs``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command

__all__ = ["logs"]


@click.command(cls=Command)
@click.argument("job")
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended.")
@click.option("-n", "--lines", type=click.IntRange(1), help="How many to begin with; all without it.")
@pass_app
def logs(app: App, job: str, follow: bool, lines: int | None) -> None:
    """Print a job's log; a tuning job's training jobs, each line behind its job's name."""
    from ropeway.aws.jobs import JobsClient
    from ropeway.usecases.logs import job_lines

    for event in job_lines(JobsClient.of(app.session), job, last=lines, follow=follow):
        owner = event.stream.partition("/")[0]
        app.output.line(event, event.message if owner == job else f"{owner}: {event.message}")

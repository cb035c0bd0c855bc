"""``ropeway pipeline logs``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.errors import UsageError

__all__ = ["logs"]


@click.command(cls=Command)
@click.argument("execution")
@click.option("--step", help="Of this step only.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the step's job has ended; needs --step.")
@click.option("-n", "--lines", type=click.IntRange(1), help="At most this many lines of each step.")
@pass_app
def logs(app: App, execution: str, step: str | None, follow: bool, lines: int | None) -> None:
    """Print the logs of an execution's steps."""
    from ropeway.aws.jobs import JobsClient
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.usecases.executions import resolve, view
    from ropeway.usecases.logs import job_lines, step_lines

    if follow and step is None:
        raise UsageError("--follow follows one step", hint="name it with --step")
    executions, jobs = ExecutionsClient.of(app.session), JobsClient.of(app.session)
    found = view(executions, resolve(executions, execution)).steps
    chosen = [item for item in found if step in {None, item.name}]
    if step is not None and not chosen:
        names = ", ".join(item.name for item in found) or "none yet"
        raise UsageError(f"step {step} has not run in {execution}", hint=f"steps that have: {names}")
    for item in chosen:
        streaming = follow and item.job is not None
        events = (
            job_lines(jobs, str(item.job), last=lines, follow=True)
            if streaming
            else step_lines(jobs, item, last=lines)
        )
        for event in events:
            prefix = "" if step else f"{item.name}: "
            app.output.line(
                {"step": item.name, "time": event.time, "message": event.message}, prefix + event.message
            )

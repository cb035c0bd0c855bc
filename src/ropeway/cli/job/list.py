"""``ropeway job list``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.output import moment, table

__all__ = ["list_"]

_KINDS = ("processing", "training", "transform", "tuning")
_STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped")


@click.command("list", cls=Command)
@click.option("--kind", type=click.Choice(_KINDS), multiple=True, help="Of this kind only; may be repeated.")
@click.option("--status", type=click.Choice(_STATUSES), help="Of this status only.")
@click.option(
    "-n", "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most."
)
@pass_app
def list_(app: App, kind: tuple[str, ...], status: str | None, limit: int) -> None:
    """List jobs, the newest first."""
    from ropeway.aws.jobs import JobsClient
    from ropeway.usecases.jobs import list_jobs

    lines = list_jobs(JobsClient.of(app.session), kind, status=status, limit=limit)
    rows = [(line.kind, line.name, line.status, moment(line.created), moment(line.ended)) for line in lines]
    app.output.data(lines, table(("KIND", "JOB", "STATUS", "CREATED", "ENDED"), rows))

"""``ropeway pipeline list``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.output import moment, table

__all__ = ["list_"]


@click.command("list", cls=Command)
@click.argument("pipeline", required=False)
@click.option(
    "-n", "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, at most."
)
@pass_app
def list_(app: App, pipeline: str | None, limit: int) -> None:
    """List pipelines, or a pipeline's executions, the newest first."""
    from ropeway.aws.pipelines import ExecutionsClient, PipelinesClient
    from ropeway.usecases.executions import executions_of, pipelines_of

    if pipeline is None:
        pipelines = pipelines_of(PipelinesClient.of(app.session), limit)
        rows = [(item.name, moment(item.modified), moment(item.last_run)) for item in pipelines]
        app.output.data(pipelines, table(("PIPELINE", "MODIFIED", "LAST RUN"), rows))
        return
    found = executions_of(ExecutionsClient.of(app.session), pipeline, limit)
    app.output.data(
        found,
        table(("EXECUTION", "STATUS", "STARTED"), [(e.id, e.status, moment(e.started)) for e in found]),
    )

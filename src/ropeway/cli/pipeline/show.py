"""``ropeway pipeline show``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.following import conclude, finish

__all__ = ["show"]


@click.command(cls=Command)
@click.argument("execution")
@click.option("-f", "--follow", is_flag=True, help="Follow it to its end.")
@pass_app
def show(app: App, execution: str, follow: bool) -> None:
    """Show an execution: its steps, how long each took, and why it failed. Exit status 1 when it failed."""
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.pipelines.outline import outline
    from ropeway.usecases.executions import resolve, view

    executions = ExecutionsClient.of(app.session)
    arn = resolve(executions, execution)
    if follow:
        finish(app, arn)
        return
    conclude(app, view(executions, arn), outline(executions.definition(arn)))

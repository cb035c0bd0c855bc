"""``ropeway pipeline stop``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.following import Started

__all__ = ["stop"]


@click.command(cls=Command)
@click.argument("execution")
@pass_app
def stop(app: App, execution: str) -> None:
    """Ask an execution to stop: running jobs get two minutes to end."""
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.usecases.executions import resolve

    executions = ExecutionsClient.of(app.session)
    arn = resolve(executions, execution)
    executions.stop(arn)
    app.output.data(Started(arn), f"stopping {arn}")

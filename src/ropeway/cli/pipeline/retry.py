"""``ropeway pipeline retry``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.following import finish

__all__ = ["retry"]


@click.command(cls=Command)
@click.argument("execution")
@click.option("--wait/--no-wait", default=True, help="Follow the execution to its end (default).")
@pass_app
def retry(app: App, execution: str, wait: bool) -> None:
    """Run a failed or stopped execution again from the steps that did not succeed."""
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.usecases.executions import resolve

    executions = ExecutionsClient.of(app.session)
    arn = resolve(executions, execution)
    executions.retry(arn)
    finish(app, arn, wait=wait)

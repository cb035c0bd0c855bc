"""``ropeway pipeline run``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.following import finish
from ropeway.cli.pipeline.options import load_source, pairs, source_options, upsert_source

__all__ = ["run"]


@click.command(cls=Command)
@click.argument("source", metavar="SOURCE|PIPELINE")
@source_options
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="May be repeated.")
@click.option("--role", metavar="ARN", help="The pipeline's role; by default the source's, or the sandbox's.")
@click.option("--no-upsert", is_flag=True, help="Run the pipeline as it is on the target.")
@click.option("--wait/--no-wait", default=True, help="Follow the execution to its end (default).")
@pass_app
def run(
    app: App,
    source: str,
    kwargs: str | None,
    name: str | None,
    parameters: tuple[str, ...],
    role: str | None,
    no_upsert: bool,
    wait: bool,
) -> None:
    """Bring a pipeline to the target, start it, and follow it to its end.

    A word without dots and colons is the name of a pipeline that is there already. Exit status 1 when the
    execution fails or is stopped.
    """
    values = pairs(parameters, "--parameter")
    pipeline = source
    if "." in source or ":" in source:
        loaded = load_source(app, source, kwargs, name)
        pipeline = loaded.name if no_upsert else upsert_source(app, loaded, role, {}).name
    session = app.session  # first: the rest is imported while a sandbox starts
    from ropeway.aws.pipelines import ExecutionsClient
    from ropeway.usecases.executions import start

    finish(app, start(ExecutionsClient.of(session), pipeline, values), wait=wait)

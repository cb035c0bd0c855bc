"""``ropeway pipeline upsert``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.options import load_source, pairs, source_options, upsert_source

__all__ = ["upsert"]


@click.command(cls=Command)
@click.argument("source")
@source_options
@click.option("--role", metavar="ARN", help="The pipeline's role; by default the source's, or the sandbox's.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Tag the pipeline; may be repeated.")
@pass_app
def upsert(
    app: App, source: str, kwargs: str | None, name: str | None, role: str | None, tags: tuple[str, ...]
) -> None:
    """Create or update a pipeline: upload its files, create its functions, send its definition."""
    added = pairs(tags, "--tag")
    done = upsert_source(app, load_source(app, source, kwargs, name), role, added)
    app.output.data(done, done.arn)

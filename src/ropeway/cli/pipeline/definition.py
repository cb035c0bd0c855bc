"""``ropeway pipeline definition``."""

from __future__ import annotations

import json

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.options import load_source, source_options

__all__ = ["definition"]


@click.command(cls=Command)
@click.argument("source")
@source_options
@pass_app
def definition(app: App, source: str, kwargs: str | None, name: str | None) -> None:
    """Print a pipeline's definition document."""
    document = json.loads(load_source(app, source, kwargs, name).definition)
    app.output.data(document, json.dumps(document, indent=2, sort_keys=True))

"""``ropeway schema``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import LocalCommand

__all__ = ["schema"]


@click.command(cls=LocalCommand)
@pass_app
def schema(app: App) -> None:
    """Print the JSON Schema of ropeway.yaml, by which editors complete and check it.

    Editors look for it in .ropeway/schema.json, where ropeway init writes it.
    """
    from ropeway.config.schema import schema as found
    from ropeway.config.schema import text

    app.output.data(found(), text=lambda: text().rstrip("\n"))

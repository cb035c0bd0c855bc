"""``ropeway monitor baseline``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.monitor.options import READING, form_of, opened
from ropeway.cli.output import table

if TYPE_CHECKING:
    from ropeway.usecases.monitor import Made

__all__ = ["baseline"]


@click.command(cls=Command)
@click.argument("data", nargs=-1)
@click.option(
    "--to", "target", required=True, metavar="FOLDER", help="Where the baseline goes, here or in S3."
)
@click.option(
    "--merge",
    "merged",
    multiple=True,
    metavar="FOLDER",
    help="A baseline whose rows belong to the new one, too; may be repeated.",
)
@READING
@pass_app
def baseline(
    app: App, /, data: tuple[str, ...], target: str, merged: tuple[str, ...], **options: Any
) -> None:
    """Make a baseline of DATA: statistics.json and constraints.json, as SageMaker Model Monitor reads them."""
    from ropeway.usecases import monitor

    form = form_of(options)
    with opened(app) as place:
        made = monitor.baseline(place, data, form, target, merged)
    app.output.data({"rows": made.rows, "files": made.files}, lambda: _told(made))


def _told(made: Made) -> str:
    from ropeway.cli.monitor.telling import named

    rows = []
    for feature in made.constraints.features:
        numbers = made.profile.columns[feature.name].numbers
        kept = ["not negative"] if feature.non_negative else []
        kept += [f"{len(feature.domains)} categories"] if feature.domains is not None else []
        numeric = numbers.count and feature.type != "String"
        bounds = f"{numbers.least:.4g} to {numbers.greatest:.4g}" if numeric else "-"
        rows.append(
            [named(feature.name), feature.type, f"{feature.completeness or 0:.1%}", bounds, ", ".join(kept)]
        )
    head = table(["COLUMN", "TYPE", "COMPLETE", "RANGE", "CONSTRAINTS"], rows)
    return "\n".join([head, "", f"{made.rows} rows", *(f"written: {file}" for file in made.files)])

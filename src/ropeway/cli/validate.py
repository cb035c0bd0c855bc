"""``ropeway validate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import LocalCommand

if TYPE_CHECKING:
    from ropeway.usecases.validate import Report

__all__ = ["validate"]


@click.command(cls=LocalCommand)
@click.argument("file", default="ropeway.yaml", type=click.Path(path_type=Path))
@click.option("--names", is_flag=True, help="Also list every name and parameter that follows from the file.")
@pass_app
@click.pass_context
def validate(context: click.Context, app: App, file: Path, names: bool) -> None:
    """Check the platform's description.

    Tells every problem of FILE (ropeway.yaml) with file, line, column, key and what to do, and ends with 2 when there
    is one. Reaches no endpoint. --output json writes the problems, or the accounts with every derived name.
    """
    from ropeway.usecases.validate import validate as check

    report = check(file)
    if report.valid or app.output.json:
        app.output.data(report, text=lambda: _text(report, names=names))
    if not report.valid:
        for problem in report.problems if not app.output.json else []:
            app.output.error(str(problem), problem.advice)
        context.exit(2)


def _text(report: Report, *, names: bool) -> str:
    lines = [report.summary()]
    for place in report.places if names else []:
        lines += ["", f"{place.unit} {place.environment} ({place.account}, {place.region})"]
        for kind, found in place.names.items():
            lines += [f"  {kind.replace('_', ' '):<15} {name}" for name in found.values()]
        lines += [f"  {'parameter':<15} {path}" for path in place.parameters.values()]
    return "\n".join(lines)

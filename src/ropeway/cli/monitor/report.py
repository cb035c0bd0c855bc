"""``ropeway monitor report``."""

from __future__ import annotations

from typing import Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.monitor.options import AGAINST, READING, form_of, opened

__all__ = ["report"]


@click.command(cls=Command)
@click.argument("data", nargs=-1, required=True)
@AGAINST
@click.option("--to", "target", required=True, metavar="FILE", help="The HTML file, here or in S3.")
@READING
@pass_app
def report(
    app: App, /, data: tuple[str, ...], baseline: str, policy: str | None, target: str, **options: Any
) -> None:
    """Write an HTML report that compares DATA with a baseline, whatever it finds."""
    from ropeway.usecases import monitor

    form, against = form_of(options), monitor.Against(baseline, policy)
    with opened(app) as place:
        checked = monitor.check(place, data, form, against, results=None, report=target)
    count = len(checked.result.violations)
    app.output.data({"file": target, "violations": count}, f"{target}: {count} violations")

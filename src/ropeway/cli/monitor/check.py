"""``ropeway monitor check``."""

from __future__ import annotations

from typing import Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.monitor.options import AGAINST, READING, form_of, opened

__all__ = ["check"]


@click.command(cls=Command)
@click.argument("data", nargs=-1, required=True)
@AGAINST
@click.option("--report", metavar="FILE", help="Write an HTML report with plots, here or in S3.")
@click.option(
    "--results",
    metavar="FOLDER",
    help="Write statistics, constraints and violations of the data, here or in S3.",
)
@READING
@pass_app
def check(
    app: App,
    /,
    data: tuple[str, ...],
    baseline: str,
    policy: str | None,
    report: str | None,
    results: str | None,
    **options: Any,
) -> None:
    """Compare DATA with a baseline; violations end it with exit code 3."""
    from ropeway.cli.monitor.telling import as_data, as_text
    from ropeway.usecases import monitor

    form, against = form_of(options), monitor.Against(baseline, policy)
    with opened(app) as place:
        checked = monitor.check(place, data, form, against, results=results, report=report)
    app.output.data(as_data(checked), lambda: as_text(checked))
    for column in checked.unused:
        app.output.progress(f"note: the policy names {column}, which neither the baseline nor the data have")
    for file in checked.files:
        app.output.progress(f"written: {file}")
    monitor.gate(checked)

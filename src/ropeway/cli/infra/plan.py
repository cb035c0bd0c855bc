"""``ropeway infra plan``."""

from __future__ import annotations

from typing import Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, conclude, interruptible, narrowing, open_fleet, tuning
from ropeway.cli.lazy import Command

__all__ = ["plan"]


@click.command(cls=Command)
@narrowing
@tuning
@pass_app
@click.pass_context
def plan(context: click.Context, app: App, /, **given: Any) -> None:
    """Show what would change, and save it for `apply`; ends with 3 when there is something.

    All roots are planned at the same time, by the role that only reads. Each plan that would change something is
    saved under .ropeway/infra with a record of what it was made of.
    """
    from ropeway.cli.infra.board import Board
    from ropeway.cli.infra.showing import as_data, as_text
    from ropeway.usecases import infra as usecase

    with interruptible(app) as stop, Board(app.output) as board:
        fleet, _ = open_fleet(app, Narrowed(given), "plan", board, stop)
        outcomes = usecase.plan(fleet, fleet.roots, save=True)
    plans = [outcome.value for outcome in outcomes if outcome.value]
    app.output.data({"roots": [as_data(each) for each in plans]}, text=lambda: as_text(plans))
    changes = any(not each.empty for each in plans)
    conclude(context, app, stop, outcomes, code=3 if changes else 0)

"""``ropeway infra drift``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, conclude, interruptible, narrowing, open_fleet, tuning
from ropeway.cli.lazy import Command
from ropeway.cli.output import plain

if TYPE_CHECKING:
    from ropeway.usecases.infra import Planned

__all__ = ["drift"]

_WORDS = {"delete": "is gone", "update": "was changed"}


@click.command(cls=Command)
@narrowing
@tuning
@pass_app
@click.pass_context
def drift(context: click.Context, app: App, /, **given: Any) -> None:
    """Compare what stands with what Terraform made; ends with 3 when they differ.

    Nothing is changed, nor the states. `apply` brings back what ropeway.yaml says.
    """
    from ropeway.cli.infra.board import Board
    from ropeway.cli.infra.showing import whereabouts
    from ropeway.usecases import infra as usecase

    with interruptible(app) as stop, Board(app.output) as board:
        fleet, _ = open_fleet(app, Narrowed(given), "plan", board, stop)
        outcomes = usecase.drift(fleet)
    found = [outcome.value for outcome in outcomes if outcome.value]
    rows = [{**whereabouts(each.root), "drift": plain(each.changes)} for each in found]
    app.output.data({"roots": rows}, text=lambda: "\n".join(_told(each) for each in found))
    conclude(context, app, stop, outcomes, code=3 if any(each.changes for each in found) else 0)


def _told(planned: Planned) -> str:
    if not planned.changes:
        return f"{planned.root.name}: as it was made"
    lines = [
        f"  {change.address} {_WORDS.get(change.action, change.action)}{f': {change.reason}' if change.reason else ''}"
        for change in planned.changes
    ]
    return "\n".join([f"{planned.root.name}: {len(lines)} differ", *lines])

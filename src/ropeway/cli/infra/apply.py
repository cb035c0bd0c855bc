"""``ropeway infra apply``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, conclude, interruptible, narrowing, open_fleet, tuning
from ropeway.cli.lazy import Command

if TYPE_CHECKING:
    from ropeway.infra.schedule import Outcome
    from ropeway.infra.stream import Summary
    from ropeway.usecases.infra import Fleet, Planned

__all__ = ["apply"]


@click.command(cls=Command)
@narrowing
@tuning
@click.option(
    "--together", is_flag=True, help="All environments at the same time, not in the order of promotion."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
@click.pass_context
def apply(context: click.Context, app: App, /, yes: bool, **given: Any) -> None:
    """Make what ropeway.yaml says.

    A plan that `plan` saved is applied exactly as it was shown, or refused if anything has changed since. Roots
    without one are planned and shown, and you are asked. Operations come first, then each environment once the one
    before it is done: what fails in dev never reaches prod.
    """
    from ropeway.cli.infra.board import Board
    from ropeway.cli.infra.showing import as_data, as_text
    from ropeway.errors import UsageError
    from ropeway.usecases import infra as usecase

    board = Board(app.output)
    with interruptible(app) as stop, board:
        fleet, _ = open_fleet(app, Narrowed(given), "apply", board, stop)
        planned, failed = _planned(fleet)
    if failed or stop.is_set():
        usecase.discard(fleet)
        conclude(context, app, stop, failed)
    app.output.progress(as_text(list(planned.values())))
    fresh = [name for name, each in planned.items() if not each.saved and not each.empty]
    if fresh and not yes and not sys.stdin.isatty():
        usecase.discard(fleet)
        raise UsageError("nobody can be asked", hint="save plans with ropeway infra plan, or give --yes")
    if fresh and not (yes or _agreed(fresh)):
        usecase.discard(fleet)
        context.exit(1)
    with interruptible(app, stop), board:
        board.expect({name: each.summary.total for name, each in planned.items()})
        outcomes = usecase.apply(fleet, planned)
    rows = [{**as_data(planned[each.root.name]), "applied": each.well} for each in outcomes]
    app.output.data({"roots": rows}, text=lambda: "\n".join(_line(each) for each in outcomes if each.well))
    conclude(context, app, stop, outcomes)


def _planned(fleet: Fleet) -> tuple[dict[str, Planned], list[Outcome[Planned]]]:
    """Saved plans, and new ones of the other roots; and what failed."""
    from ropeway.usecases import infra as usecase

    saved = usecase.recalled(fleet)
    outcomes = usecase.plan(fleet, [root for root in fleet.roots if root.name not in saved])
    fresh = {outcome.root.name: outcome.value for outcome in outcomes if outcome.value}
    found = {**saved, **fresh}
    ordered = {root.name: found[root.name] for root in fleet.roots if root.name in found}
    return ordered, [outcome for outcome in outcomes if not outcome.well]


def _agreed(names: list[str]) -> bool:
    try:
        return click.confirm(f"Apply to {', '.join(names)}?", err=True)
    except click.Abort:  # no answer is no
        return False


def _line(outcome: Outcome[Summary]) -> str:
    told = outcome.value
    if told is None or not told.total:
        return f"{outcome.root.name}: nothing was changed"
    return f"{outcome.root.name}: {told.add} added, {told.change} changed, {told.remove} destroyed"

"""``ropeway infra destroy``."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, conclude, interruptible, narrowing, open_fleet, tuning
from ropeway.cli.lazy import Command

if TYPE_CHECKING:
    from ropeway.aws.remains import Remains
    from ropeway.aws.session import Session
    from ropeway.infra.schedule import Outcome
    from ropeway.usecases.infra import Fleet
    from ropeway.usecases.infra_destroy import Destroyed

__all__ = ["destroy"]

_PAUSE = 0.2


@click.command(cls=Command)
@narrowing
@tuning
@click.option("--together", is_flag=True, help="All environments at the same time.")
@click.option("--confirm", metavar="NAME", help="The name that would be asked for.")
@click.option("--yes", is_flag=True, help="Do not ask; needs --confirm.")
@pass_app
@click.pass_context
def destroy(
    context: click.Context, app: App, /, yes: bool, confirm: str | None, together: bool, **given: Any
) -> None:
    """Destroy what Terraform made, and what was made with it; the last environment first.

    Shows the plan and asks for the name of what goes: PLATFORM, PLATFORM/UNIT or PLATFORM/UNIT/ENVIRONMENT. Buckets
    are emptied, endpoints, Studio apps and log groups deleted. Afterwards each account is searched for anything that
    still carries the platform's tags: what is left is listed, and the command ends with 1. What bootstrap made stays.
    Products that people launched from the project catalog are named first, and terminated before the catalog goes.
    """
    from ropeway.cli.infra.board import Board
    from ropeway.cli.infra.showing import as_text, whereabouts
    from ropeway.infra.roots import scope
    from ropeway.usecases import infra as usecase
    from ropeway.usecases.infra_destroy import destroy as destroy_all

    narrowed = Narrowed({**given, "together": together})
    name = scope(narrowed.platform(), narrowed.unit, narrowed.env)
    _refuse_silence(name, yes, confirm)
    board = Board(app.output)
    with interruptible(app) as stop, board:
        fleet, sessions = open_fleet(app, narrowed, "apply", board, stop)
        outcomes = usecase.plan(fleet, fleet.roots, mode="destroy")
    planned = {each.root.name: each.value for each in outcomes if each.value}
    if stop.is_set() or any(not each.well for each in outcomes):
        usecase.discard(fleet)
        conclude(context, app, stop, outcomes)
    app.output.progress(as_text(list(planned.values())))
    sweeps = _sweeps(fleet, sessions)
    for root, sweep in sweeps.items():
        for product in sweep.products.launched():
            app.output.progress(f"{root}: launched from the project catalog, and goes too: {product}")
    if not yes and not _agreed(name):
        usecase.discard(fleet)
        app.output.progress("nothing was destroyed")
        context.exit(1)
    with interruptible(app, stop), board:
        board.expect({name: each.summary.total for name, each in planned.items()})
        ended = destroy_all(fleet, planned, sweeps, app.output.progress)
    found = [(each.root, each.value) for each in ended if each.value]
    rows = [
        {**whereabouts(root), "destroyed": told.summary.remove, "left": list(told.left)}
        for root, told in found
    ]
    app.output.data({"roots": rows}, text=lambda: "\n".join(_line(each) for each in ended if each.value))
    left = any(told.left for _, told in found)
    conclude(context, app, stop, ended, code=1 if left else 0)


def _sweeps(fleet: Fleet, sessions: dict[str, Session]) -> dict[str, Remains]:
    from ropeway.aws.remains import Remains

    sweeps = {}
    prefixes = [site.names.prefix for site in fleet.roots[0].site.platform.sites()]
    for root in fleet.roots:
        session, site = sessions[root.name], root.site
        own = {key: value for key, value in site.tags.items() if key.startswith("ropeway:")}
        wait = partial(time.sleep, session.pause or _PAUSE)
        prefix = site.names.prefix
        others = [each for each in prefixes if each.startswith(f"{prefix}-")]
        sweeps[root.name] = Remains(session, prefix, own, wait, others)
    return sweeps


def _refuse_silence(name: str, yes: bool, confirm: str | None) -> None:
    from ropeway.errors import UsageError

    if confirm is not None and confirm != name:
        raise UsageError(f"--confirm is {confirm!r}, and what goes is {name!r}", hint="nothing was destroyed")
    if yes and confirm is None:
        raise UsageError("--yes alone does not destroy", hint=f"say what goes: --yes --confirm {name}")
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked", hint=f"give --yes --confirm {name}")


def _agreed(name: str) -> bool:
    try:
        return bool(click.prompt(f"Type {name} to destroy it", err=True) == name)
    except click.Abort:  # no answer is no
        return False


def _line(outcome: Outcome[Destroyed]) -> str:
    told = outcome.value
    assert told is not None
    lines = [f"{outcome.root.name}: {told.summary.remove} destroyed, {len(told.left) or 'nothing'} left"]
    return "\n".join([*lines, *(f"  {each}" for each in told.left)])

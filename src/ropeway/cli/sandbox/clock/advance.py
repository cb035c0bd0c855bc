"""``ropeway sandbox clock advance``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.asking import ask
from ropeway.cli.sandbox.clock.telling import Duration, shown
from ropeway.errors import SandboxError

__all__ = ["advance"]


@click.command(cls=SandboxCommand)
@click.argument("duration", type=Duration(), metavar="DURATION")
@click.option(
    "--wait/--no-wait",
    default=True,
    show_default=True,
    help="At each moment, wait until what it started has ended.",
)
@click.option(
    "--patience",
    type=Duration(),
    default="1h",
    show_default=True,
    help="How long the work of one moment may take, in real time.",
)
@pass_app
def advance(app: App, duration: float, wait: bool, patience: float) -> None:
    """Move the clock on by DURATION (1d, 12h, 90m, 1d12h), from one due moment to the next.

    Schedules fire in the order of their times, each with its own. Everything that one moment starts (events, functions,
    pipelines, jobs) comes to its end before the next, unless --no-wait is given.
    """
    wanted = {"advance": duration, "settle": wait, "patience": patience}
    document = ask(app, "clock", "POST", wanted, timeout=None)
    app.output.data(document, lambda: f"{shown(document)}\nfired: {document['fired']}")
    if document["running"]:
        names = ", ".join(document["running"])
        raise SandboxError(
            f"the clock stopped early: {names} had not ended",
            hint="look at them, then advance again, or with --no-wait",
        )

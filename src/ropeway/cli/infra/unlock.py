"""``ropeway infra unlock``."""

from __future__ import annotations

import sys
from typing import Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, interruptible, narrowing, open_fleet, tuning
from ropeway.cli.lazy import Command

__all__ = ["unlock"]


@click.command(cls=Command)
@narrowing
@tuning
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
@click.pass_context
def unlock(context: click.Context, app: App, /, yes: bool, **given: Any) -> None:
    """Take away locks that were left by a Terraform that is gone.

    Shows who holds each lock since when, and asks. Be sure that the process is gone: two that write the same state
    spoil it.
    """
    from ropeway.cli.infra.board import Board
    from ropeway.errors import UsageError
    from ropeway.usecases import infra as usecase

    with interruptible(app) as stop, Board(app.output) as board:
        fleet, _ = open_fleet(app, Narrowed(given), "apply", board, stop)
        locks = {name: lock for name, post in fleet.posts.items() if (lock := usecase.holder(post.read))}
    for name, lock in locks.items():
        app.output.progress(f"{name}: {lock.told}")
    if locks and not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked", hint="make sure that it is gone, and give --yes")
    if locks and not yes and not click.confirm("Is that process gone?", err=True):
        context.exit(1)
    for name, lock in locks.items():
        fleet.posts[name].engine.init()
        fleet.posts[name].engine.unlock(lock.id)
    app.output.data(
        {"unlocked": list(locks)},
        text=lambda: "\n".join(f"{name}: unlocked" for name in locks) or "nothing is locked",
    )

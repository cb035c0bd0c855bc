"""``ropeway sandbox clock``: the sandbox's time, so that a month of schedules can be tried in minutes."""

from __future__ import annotations

import click

from ropeway.cli.sandbox.clock.advance import advance
from ropeway.cli.sandbox.clock.reset import reset
from ropeway.cli.sandbox.clock.show import show

__all__ = ["clock"]

clock = click.Group(
    "clock",
    commands=[show, advance, reset],
    help="""Show the sandbox's clock and move it on, firing the schedules that become due.

    How far it is ahead of the machine's is kept over a restart. Run times, sessions and logs go by the machine's.""",
)

"""``ropeway sandbox faults``: faults on order, so that retry policies can be seen."""

from __future__ import annotations

import click

from ropeway.cli.sandbox.faults.add import add
from ropeway.cli.sandbox.faults.clear import clear
from ropeway.cli.sandbox.faults.list import list_

__all__ = ["faults"]

faults = click.Group(
    "faults",
    commands=[add, list_, clear],
    help="""Order faults of the service (no capacity, throttling, ...) for steps, to see retry policies act.

    A step's try that meets a fault fails before it creates anything; orders outlive a restart.""",
)

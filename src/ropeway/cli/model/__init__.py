"""``ropeway model``: the registry of trained models."""

from __future__ import annotations

import click

from ropeway.cli.model.approve import approve
from ropeway.cli.model.list import list_
from ropeway.cli.model.reject import reject
from ropeway.cli.model.show import show

__all__ = ["model"]

model = click.Group(
    "model",
    commands=[list_, show, approve, reject],
    help="""List, show, approve and reject registered models.

    MODEL is GROUP (its newest version; for a decision the newest that waits), GROUP/VERSION or an ARN.""",
)

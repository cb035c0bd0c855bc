"""``ropeway infra``: the whole platform by Terraform, from ``ropeway.yaml``."""

from __future__ import annotations

import click

from ropeway.cli.infra.apply import apply
from ropeway.cli.infra.destroy import destroy
from ropeway.cli.infra.drift import drift
from ropeway.cli.infra.graph import graph
from ropeway.cli.infra.output import output
from ropeway.cli.infra.plan import plan
from ropeway.cli.infra.unlock import unlock

__all__ = ["infra"]

infra = click.Group(
    "infra",
    commands=[plan, apply, destroy, drift, output, graph, unlock],
    help="""Plan, apply, compare and destroy what Terraform makes of ropeway.yaml.

    Every command acts on all units and all accounts, unless --unit and --env narrow it. Operations come first, then
    the environments in the order of promotion; units do not wait for each other.""",
)

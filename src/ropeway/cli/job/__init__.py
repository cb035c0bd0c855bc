"""``ropeway job``: what runs, ran, or is to stop."""

from __future__ import annotations

import click

from ropeway.cli.job.list import list_
from ropeway.cli.job.logs import logs
from ropeway.cli.job.show import show
from ropeway.cli.job.stop import stop

__all__ = ["job"]

job = click.Group(
    "job",
    commands=[list_, show, logs, stop],
    help="""List, show and stop processing, training, transform and tuning jobs, and print their logs.

    JOB is the job's name; its kind is found out.""",
)

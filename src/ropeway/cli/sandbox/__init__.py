"""``ropeway sandbox``: the AWS endpoint on this machine."""

from __future__ import annotations

import click

from ropeway.cli.sandbox.clock import clock
from ropeway.cli.sandbox.env import env
from ropeway.cli.sandbox.faults import faults
from ropeway.cli.sandbox.logs import logs
from ropeway.cli.sandbox.mail import mail
from ropeway.cli.sandbox.reset import reset
from ropeway.cli.sandbox.run import run
from ropeway.cli.sandbox.start import start
from ropeway.cli.sandbox.status import status
from ropeway.cli.sandbox.stop import stop

__all__ = ["sandbox"]

sandbox = click.Group(
    "sandbox",
    commands=[start, stop, status, reset, logs, env, run, faults, clock, mail],
    help="Start, stop and use the AWS endpoint on this machine. State lies in .ropeway/sandbox of the project.",
)

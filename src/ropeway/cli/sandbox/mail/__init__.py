"""``ropeway sandbox mail``: what the sandbox would have mailed."""

from __future__ import annotations

import click

from ropeway.cli.sandbox.mail.clear import clear
from ropeway.cli.sandbox.mail.confirm import confirm
from ropeway.cli.sandbox.mail.list import list_mails
from ropeway.cli.sandbox.mail.show import show

__all__ = ["mail"]

mail = click.Group(
    "mail",
    commands=[list_mails, show, confirm, clear],
    help="""Read the mailbox of the sandbox: messages of topics to mail addresses.

    As on AWS, an address gets messages once it has confirmed its subscription: open the link in its mail, or run
    `ropeway sandbox mail confirm`.""",
)

"""``ropeway sandbox mail confirm``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.asking import ask
from ropeway.cli.sandbox.mail.reading import mails

__all__ = ["confirm"]


@click.command(cls=SandboxCommand)
@click.option("--to", metavar="ADDRESS", help="Only subscriptions of this address.")
@pass_app
def confirm(app: App, to: str | None) -> None:
    """Open the link of every mail that asks for a confirmation."""
    confirmed = []
    for mail in mails(app, to):
        if mail["waits"]:
            page = mail["link"].partition("/_sandbox/")[2]
            confirmed.append({"receiver": mail["receiver"], **ask(app, page, "GET")})
    text = "\n".join(f"{each['receiver']}: {each['SubscriptionArn']}" for each in confirmed)
    app.output.data({"confirmed": confirmed}, lambda: text or "nobody waits for a confirmation")

"""``ropeway sandbox mail show``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.mail.reading import mail_of, moment

__all__ = ["show"]


@click.command(cls=SandboxCommand)
@click.argument("number", type=int, required=False)
@pass_app
def show(app: App, number: int | None) -> None:
    """Show a mail by its NUMBER, or the newest."""
    mail = mail_of(app, number)
    head = f"From: {mail['sender']}\nTo: {mail['receiver']}\nDate: {moment(mail)}\nSubject: {mail['subject']}"
    app.output.data(mail, lambda: f"{head}\n\n{mail['body']}")

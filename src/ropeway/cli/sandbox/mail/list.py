"""``ropeway sandbox mail list``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.mail.reading import mails, moment

__all__ = ["list_mails"]


@click.command("list", cls=SandboxCommand)
@click.option("--to", metavar="ADDRESS", help="Only mails to this address.")
@pass_app
def list_mails(app: App, to: str | None) -> None:
    """List the mails, oldest first."""
    found = mails(app, to)

    def lines() -> str:
        rows = [
            f"{mail['number']:>4}  {moment(mail)}  {mail['receiver']:<28}  {mail['subject']}"
            for mail in found
        ]
        return "\n".join(rows) or "no mails"

    app.output.data({"mails": found}, lines)

"""Mails, asked of the sandbox."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from ropeway.cli.app import App
from ropeway.cli.sandbox.asking import ask
from ropeway.errors import UsageError

__all__ = ["mail_of", "mails", "moment"]


def mails(app: App, to: str | None = None) -> list[dict[str, Any]]:
    """The mails, oldest first."""
    page = "mail" if to is None else f"mail?to={quote(to)}"
    found: list[dict[str, Any]] = ask(app, page, "GET")["mails"]
    return found


def mail_of(app: App, number: int | None) -> dict[str, Any]:
    """A mail by its number, or the newest.

    Raises:
        UsageError: there is none.
    """
    found = mails(app)
    wanted = [mail for mail in found if number in {None, mail["number"]}]
    if not wanted:
        named = "no mail" if number is None else f"no mail {number}"
        raise UsageError(f"there is {named} in the mailbox", hint="ropeway sandbox mail list")
    return wanted[-1]


def moment(mail: dict[str, Any]) -> str:
    """When a mail was sent."""
    return datetime.fromtimestamp(mail["sent"], tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S")

"""Time and mail of the demonstration's sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ropeway.cli.app import App
from ropeway.cli.sandbox.asking import ask
from ropeway.errors import SandboxError

if TYPE_CHECKING:
    from ropeway.usecases.demo.month import Mail

__all__ = ["SandboxWorld"]


class SandboxWorld:
    """The sandbox's own pages; implements ``usecases.demo.month.World``."""

    def __init__(self, app: App) -> None:
        self._app = app

    def advance(self, seconds: float) -> str:
        """Move the clock on and wait for what that starts; the date that it is then."""
        told = ask(self._app, "clock", "POST", {"advance": seconds, "settle": True}, timeout=None)
        if told["running"]:
            raise SandboxError(
                f"{', '.join(told['running'])} did not end", hint="ropeway demo --keep, and look at it"
            )
        return datetime.fromtimestamp(told["now"], tz=timezone.utc).date().isoformat()

    def mails(self) -> Sequence[Mail]:
        """Every mail, oldest first."""
        from ropeway.cli.sandbox.mail.reading import mails
        from ropeway.usecases.demo.month import Mail

        return [Mail(each["receiver"], each["subject"], each["body"]) for each in mails(self._app)]

    def confirm(self) -> int:
        """Open the link of every mail that asks whether its receiver wants more; how many did."""
        from ropeway.cli.sandbox.mail.reading import mails

        asking = [mail for mail in mails(self._app) if mail["waits"]]
        for mail in asking:
            ask(self._app, mail["link"].partition("/_sandbox/")[2], "GET")
        return len(asking)

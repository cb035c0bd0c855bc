"""``/_sandbox/``: what the command line asks the server besides AWS's own API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.pipelines.faults import Faults
from ropeway.sandbox.edge.mail_pages import MailPages
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["PREFIX", "Admin"]

PREFIX = "/_sandbox/"


class ClockPages(Protocol):
    """The sandbox's clock, as ``/_sandbox/clock`` shows and moves it."""

    def show(self) -> Mapping[str, Any]:
        """Its time, and how far it is ahead of the machine's."""

    def advance(self, seconds: float, *, settle: bool = True, patience: float = ...) -> Mapping[str, Any]:
        """Move it on, firing what is due on the way."""

    def reset(self) -> Mapping[str, Any]:
        """Have it show the machine's time again."""


@dataclass(frozen=True)
class Admin:
    """The server's own pages.

    Attributes:
        status: what ``GET /_sandbox/health`` answers.
        shutdown: what ``POST /_sandbox/shutdown`` does (it returns at once).
        faults: what ``/_sandbox/faults`` lists (GET), adds to (POST) and clears (DELETE).
        clock: what ``/_sandbox/clock`` shows (GET), advances (POST) and resets (DELETE).
        mail: the mailbox, and what links in messages lead to.
    """

    status: Callable[[], Mapping[str, Any]]
    shutdown: Callable[[], None]
    faults: Faults
    clock: ClockPages
    mail: MailPages

    def handle(self, request: Request) -> Response:
        """Answer, with JSON always."""
        page = request.raw_path[len(PREFIX) :]
        if (request.method, page) == ("GET", "health"):
            return _json(200, self.status())
        if (request.method, page) == ("POST", "shutdown"):
            self.shutdown()
            return _json(200, {"status": "stopping"})
        if page in {"faults", "clock", "mail"} or page.startswith("sns/"):
            try:
                if page == "faults":
                    return self._faults(request)
                return self._clock(request) if page == "clock" else self.mail.handle(request, page)
            except DomainError as error:
                return _json(400, {"message": error.message})
        return _json(404, {"message": f"the sandbox has no page {request.method} {request.raw_path}"})

    def _faults(self, request: Request) -> Response:
        if request.method == "GET":
            return _json(200, {"faults": [asdict(fault) for fault in self.faults.list()]})
        if request.method == "DELETE":
            return _json(200, {"cleared": self.faults.clear()})
        if request.method != "POST":
            raise Invalid(f"faults cannot be asked by {request.method}")
        return _json(200, asdict(self.faults.add(_document(request))))

    def _clock(self, request: Request) -> Response:
        if request.method == "GET":
            return _json(200, self.clock.show())
        if request.method == "DELETE":
            return _json(200, self.clock.reset())
        if request.method != "POST":
            raise Invalid(f"the clock cannot be asked by {request.method}")
        document = _document(request)
        seconds, patience = document.get("advance"), document.get("patience", 3600)
        for value in (seconds, patience):
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise Invalid("advance and patience must be numbers of seconds")
        settle = document.get("settle", True) is True
        return _json(200, self.clock.advance(float(seconds or 0), settle=settle, patience=float(patience)))


def _document(request: Request) -> Mapping[str, Any]:
    try:
        document = json.loads(request.body())
    except ValueError as error:
        raise Invalid(f"the request is no JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise Invalid("the request must be a JSON object")
    return document


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(document).encode())

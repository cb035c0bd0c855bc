"""``/_sandbox/``: what the command line asks the server besides AWS's own API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.pipelines.faults import Faults
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["PREFIX", "Admin"]

PREFIX = "/_sandbox/"


@dataclass(frozen=True)
class Admin:
    """The server's own pages.

    Attributes:
        status: what ``GET /_sandbox/health`` answers.
        shutdown: what ``POST /_sandbox/shutdown`` does (it returns at once).
        faults: what ``/_sandbox/faults`` lists (GET), adds to (POST) and clears (DELETE).
    """

    status: Callable[[], Mapping[str, Any]]
    shutdown: Callable[[], None]
    faults: Faults

    def handle(self, request: Request) -> Response:
        """Answer, with JSON always."""
        page = request.raw_path[len(PREFIX) :]
        if (request.method, page) == ("GET", "health"):
            return _json(200, self.status())
        if (request.method, page) == ("POST", "shutdown"):
            self.shutdown()
            return _json(200, {"status": "stopping"})
        if page == "faults":
            try:
                return self._faults(request)
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
        try:
            document = json.loads(request.body())
        except ValueError as error:
            raise Invalid(f"the request is no JSON: {error}") from error
        if not isinstance(document, Mapping):
            raise Invalid("the request must be a JSON object")
        return _json(200, asdict(self.faults.add(document)))


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(document).encode())

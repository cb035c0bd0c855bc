"""``/_sandbox/``: what the command line asks the server besides AWS's own API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["PREFIX", "Admin"]

PREFIX = "/_sandbox/"


@dataclass(frozen=True)
class Admin:
    """The server's own pages.

    Attributes:
        status: what ``GET /_sandbox/health`` answers.
        shutdown: what ``POST /_sandbox/shutdown`` does (it returns at once).
    """

    status: Callable[[], Mapping[str, Any]]
    shutdown: Callable[[], None]

    def handle(self, request: Request) -> Response:
        """Answer, with JSON always."""
        page = request.raw_path[len(PREFIX) :]
        if (request.method, page) == ("GET", "health"):
            return _json(200, self.status())
        if (request.method, page) == ("POST", "shutdown"):
            self.shutdown()
            return _json(200, {"status": "stopping"})
        return _json(404, {"message": f"the sandbox has no page {request.method} {request.raw_path}"})


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(document).encode())

"""Calls of the sandbox to its own API, so that whoever implements an operation, Ropeway or moto, is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.memory import Memory
from ropeway.sandbox.edge.outgoing import answer_of, request_of
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["InnerCalls"]


class InnerCalls:
    """Implements ``domain.ports.Peers`` over all services of this server, once it is bound to the edge."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._handle: Callable[[Request], Response] | None = None

    def bind(self, handle: Callable[[Request], Response]) -> None:
        """Say who answers."""
        self._handle = handle

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        """One API call, as the root of an account.

        Raises:
            DomainError: with the code and message that the service answered.
        """

        def ask() -> dict[str, Any]:
            request = request_of(service, operation, params, access_key=account, region=region)
            return answer_of(service, operation, self.handle(request))

        return self._memory.recall(("edge", account, region), (service, operation, params), ask)

    def handle(self, request: Request) -> Response:
        """The answer to a request.

        Raises:
            DomainError: the server is not put together yet.
        """
        if self._handle is None:
            raise DomainError("the server is not ready yet", code="ServiceUnavailable", status=503)
        return self._handle(request)

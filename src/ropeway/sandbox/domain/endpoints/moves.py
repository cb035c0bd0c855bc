"""Changes of endpoints: one place where a row is read, changed and written, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable

from ropeway.sandbox.domain.endpoints import requests
from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.endpoints.ports import EndpointStore
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock

__all__ = ["Moves"]

Listener = Callable[[Endpoint], None]


class Moves:
    """Reads and changes endpoints.

    Attributes:
        store: where they are kept.
        transactions: what more is to be written with a change.
    """

    def __init__(self, store: EndpointStore, transactions: Transactions, clock: Clock) -> None:
        self.store = store
        self.transactions = transactions
        self._clock = clock
        self._recorders: list[Listener] = []
        self._listeners: list[Listener] = []

    def record(self, recorder: Listener) -> None:
        """Have a function called with every endpoint that is new or has another status.

        It is called inside the transaction, and must not fail.
        """
        self._recorders.append(recorder)

    def listen(self, listener: Listener) -> None:
        """Have a function called with every endpoint that changes, after the commit."""
        self._listeners.append(listener)

    def get(self, arn: str) -> Endpoint:
        """An endpoint by its ARN.

        Raises:
            Invalid: there is none, in AWS's words.
        """
        found = self.store.get(arn)
        if found is None:
            raise requests.missing(arn)
        return found

    def move(self, arn: str, change: Callable[[Endpoint], Endpoint | None]) -> Endpoint | None:
        """Change an endpoint; the new one, or None when nothing changed.

        Raises:
            Invalid: there is none.
        """
        with self.transactions.transaction():
            before = self.get(arn)
            moved = change(before)
            if moved is None:
                return None
            moved = moved.at(self._clock.now())
            self.put(moved, before.status)
        self.tell(moved)
        return moved

    def put(self, endpoint: Endpoint, status: str = "") -> None:
        """Write an endpoint, and what is recorded of it, in the caller's transaction.

        Args:
            endpoint: as it is to be.
            status: the one that it had.
        """
        self.store.put(endpoint)
        if endpoint.status != status:
            for recorder in tuple(self._recorders):
                recorder(endpoint)

    def tell(self, endpoint: Endpoint) -> None:
        """Have the listeners hear of a change."""
        for listener in tuple(self._listeners):
            listener(endpoint)

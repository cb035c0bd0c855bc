"""Transactions without a database: the block runs, and the ends are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class FakeTransactions:
    """Implements ``domain.ports.Transactions``.

    Attributes:
        depth: how many blocks are open.
    """

    def __init__(self) -> None:
        self.depth = 0

    @contextmanager
    def transaction(self) -> Iterator[object]:
        self.depth += 1
        try:
            yield self
        finally:
            self.depth -= 1

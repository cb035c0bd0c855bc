"""The record of calls that changed what moto holds, so that a new process can bring moto to the same state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Entry", "Journal"]


@dataclass(frozen=True)
class Entry:
    """One call that was answered well.

    Attributes:
        seed: what moto's randomness began with, so that the same ids come out again.
        path: percent-encoded, without the query.
        headers: those that decide what the call does; the signature is not among them.
        facts: what the call made that no seed repeats (key material), by name.
    """

    service: str
    operation: str
    account: str
    seed: int
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    facts: Mapping[str, str] = field(default_factory=dict)


class Journal(Protocol):
    """Keeps calls in order."""

    def append(self, entry: Entry) -> None:
        """Keep a call; it is on its way to disk when this returns."""

    def entries(self) -> Iterator[Entry]:
        """Every call, the earliest first."""

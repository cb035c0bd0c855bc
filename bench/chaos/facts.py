"""What clients know: values that were acknowledged, and those of calls that nobody heard the end of.

A call that was cut off did happen or did not. Its value stays possible until a later call on the same thing is
acknowledged: a server that was killed cannot carry it out afterwards. One thread writes one key, so the order of its
calls is known.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Fact", "Facts"]


@dataclass
class Fact:
    """What is known of one thing; None is that it is not there."""

    acknowledged: Any = None
    possible: list[Any] = field(default_factory=list)

    def allows(self, found: Any) -> bool:
        """Whether a value can be what is there."""
        return found == self.acknowledged or found in self.possible


class Facts:
    """Everything that is known; safe to use from any thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Hashable], Fact] = {}
        self._lock = threading.Lock()
        self.calls = 0
        self.wrong: list[str] = []

    @contextmanager
    def writing(self, kind: str, key: Hashable, value: Any) -> Iterator[None]:
        """A call that makes a thing have a value: acknowledged when the block ends without an exception."""
        with self._lock:
            fact = self._known.setdefault((kind, key), Fact())
            fact.possible.append(value)
        yield
        with self._lock:
            fact.acknowledged = value
            fact.possible.clear()

    def of(self, kind: str) -> dict[Any, Fact]:
        """What is known of the things of a kind."""
        with self._lock:
            return {key: fact for (found, key), fact in self._known.items() if found == kind}

    def called(self) -> None:
        """Count a call that was answered."""
        with self._lock:
            self.calls += 1

    def complain(self, text: str) -> None:
        """Note what should not have been."""
        with self._lock:
            self.wrong.append(text)

"""The domain as one value: what an operation can reach."""

from __future__ import annotations

from dataclasses import dataclass

from ropeway.sandbox.domain.sessions import Sessions

__all__ = ["Domain"]


@dataclass(frozen=True)
class Domain:
    """The services of the domain, put together by ``compose``."""

    sessions: Sessions

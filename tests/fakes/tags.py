"""Tags in memory, and peers that are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import NotThere


class MemoryTags:
    """Implements ``domain.tags.ports.TagStore``."""

    def __init__(self) -> None:
        self.tags: dict[str, dict[str, str]] = {}

    def get(self, arn: str) -> dict[str, str]:
        return dict(self.tags.get(arn, {}))

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        self.tags.setdefault(arn, {}).update(tags)

    def remove(self, arn: str, keys: Sequence[str]) -> None:
        for key in keys:
            self.tags.get(arn, {}).pop(key, None)

    def clear(self, arn: str) -> None:
        self.tags.pop(arn, None)

    def everything(self, account: str, region: str) -> dict[str, dict[str, str]]:
        return {arn: dict(tags) for arn, tags in self.tags.items() if f":{region}:{account}:" in arn}


class NoPeers:
    """Implements ``domain.ports.Peers`` for tests that must not call any."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        raise NotThere(f"nobody answers {service} {operation} here")

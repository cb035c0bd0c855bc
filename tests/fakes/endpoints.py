"""Endpoints in memory, and somebody who serves only in name."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.endpoints.model import Answer, Ask, Deployment, Endpoint
from ropeway.sandbox.domain.listing import Listing, Page


class MemoryEndpoints:
    """Implements ``domain.endpoints.ports.EndpointStore``."""

    def __init__(self) -> None:
        self.rows: dict[str, Endpoint] = {}

    def put(self, endpoint: Endpoint) -> None:
        self.rows[endpoint.arn] = endpoint

    def get(self, arn: str) -> Endpoint | None:
        return self.rows.get(arn)

    def delete(self, arn: str) -> None:
        self.rows.pop(arn, None)

    def list(self, account: str, region: str, listing: Listing) -> Page[Endpoint]:
        found = [row for row in self.rows.values() if (row.account, row.region) == (account, region)]
        return Page(found[: listing.limit], None)

    def all(self) -> Sequence[Endpoint]:
        return list(self.rows.values())


class FakeServings:
    """Implements ``domain.endpoints.ports.Servings``: keeps what it was told to do.

    Attributes:
        told: (verb, deployment or endpoint) in order.
        missing: deployments that are not there any more.
    """

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self.missing: set[str] = set()
        self.answer = Answer(200, b"yes", "text/plain")

    def start(self, endpoint: Endpoint, deployment: Deployment) -> None:
        self.told.append(("start", deployment.id))

    def retire(self, arn: str, deployment: str) -> None:
        self.told.append(("retire", deployment))

    def end(self, endpoint: Endpoint) -> None:
        self.told.append(("end", endpoint.name))

    def invoke(self, arn: str, deployment: str, variant: str, ask: Ask) -> Answer | None:
        self.asked.append((deployment, variant))
        return None if deployment in self.missing else self.answer

    def close(self) -> None:
        self.told.append(("close", ""))

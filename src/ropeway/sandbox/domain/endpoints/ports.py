"""What endpoints need: a place to keep them, somebody who serves, somebody who is told.

The one who serves writes no status: it reports, and ``domain.endpoints`` decides what a report means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ropeway.sandbox.domain.endpoints.model import Answer, Ask, Deployment, Endpoint
from ropeway.sandbox.domain.listing import Listing, Page

__all__ = ["CaptureSink", "EndpointStore", "ServingReports", "Servings"]


class Servings(Protocol):
    """Serves deployments by local processes. Its calls return at once, but for ``invoke``."""

    def start(self, endpoint: Endpoint, deployment: Deployment) -> None:
        """Start a deployment's containers, unless they run; then report ``ready`` or ``failed``."""

    def retire(self, arn: str, deployment: str) -> None:
        """End a deployment; requests under way are answered before."""

    def end(self, endpoint: Endpoint) -> None:
        """End all of an endpoint's deployments and forget its files; then report ``gone``."""

    def invoke(self, arn: str, deployment: str, variant: str, ask: Ask) -> Answer | None:
        """Ask a variant; while its containers start anew, the request waits for them.

        Returns:
            The answer; None when the deployment is not there any more: another one serves by now.
        """

    def close(self) -> None:
        """The server stops: containers end without a report."""


class ServingReports(Protocol):
    """Hears how deployments go; safe to call from any thread. What comes late changes nothing."""

    def ready(self, arn: str, deployment: str) -> None:
        """All containers answer their ping."""

    def failed(self, arn: str, deployment: str, reason: str) -> None:
        """A container cannot serve; the deployment's processes have ended."""

    def gone(self, arn: str) -> None:
        """All of the endpoint's processes have ended."""


class CaptureSink(Protocol):
    """Brings captured requests to S3, some seconds later."""

    def put(self, endpoint: Endpoint, variant: str, destination: str, record: Mapping[str, Any]) -> None:
        """Keep a record; it is on disk when this returns.

        Args:
            endpoint: that was asked.
            variant: that answered.
            destination: the configuration's ``DestinationS3Uri``.
            record: API-shaped: one line of the file.
        """


class EndpointStore(Protocol):
    """Keeps endpoints; takes part in the caller's transaction."""

    def put(self, endpoint: Endpoint) -> None:
        """Keep an endpoint; one of its ARN is replaced."""

    def get(self, arn: str) -> Endpoint | None:
        """An endpoint by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget an endpoint."""

    def list(self, account: str, region: str, listing: Listing) -> Page[Endpoint]:
        """Endpoints of one account and region."""

    def all(self) -> Sequence[Endpoint]:
        """Endpoints of all accounts, oldest first."""

"""What use cases need of AWS. ``ropeway.aws`` implements it with boto3, tests with plain objects.

Answers are shaped as the API's. A resource that is missing raises ``AwsError`` unless the method says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

__all__ = ["Executions", "Functions", "Jobs", "Pipelines", "Registry", "Storage", "Tell"]

Tell = Callable[[str], None]
"""Takes one line of progress."""


class Pipelines(Protocol):
    """Pipelines by name."""

    def find(self, name: str) -> dict[str, Any] | None:
        """DescribePipeline, or None."""

    def create(self, name: str, definition: str, role: str, tags: Mapping[str, str], **more: str) -> str:
        """CreatePipeline; the ARN."""

    def update(self, name: str, definition: str, role: str, **more: str) -> str:
        """UpdatePipeline; the ARN."""

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """AddTags."""

    def list(self) -> Iterator[dict[str, Any]]:
        """All, the newest first."""


class Executions(Protocol):
    """Executions by ARN."""

    def start(self, pipeline: str, parameters: Mapping[str, str], **more: Any) -> str:
        """Start one; its ARN."""

    def describe(self, arn: str) -> dict[str, Any]:
        """DescribePipelineExecution."""

    def steps(self, arn: str) -> list[dict[str, Any]]:
        """Steps that have started, the earliest first."""

    def parameters(self, arn: str) -> dict[str, str]:
        """What it was started with."""

    def definition(self, arn: str) -> str:
        """The definition that it runs."""

    def list(self, pipeline: str) -> Iterator[dict[str, Any]]:
        """A pipeline's, the newest first."""

    def stop(self, arn: str) -> None:
        """Ask it to stop."""

    def retry(self, arn: str) -> None:
        """Run it again from what did not succeed."""


class Storage(Protocol):
    """Objects by bucket and key."""

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket is there."""

    def create_bucket(self, bucket: str) -> None:
        """Create it."""

    def has(self, bucket: str, key: str) -> bool:
        """Whether the object is there."""

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object."""

    def get(self, bucket: str, key: str) -> bytes:
        """Its content."""


class Functions(Protocol):
    """Lambda functions by name."""

    def put(self, name: str, archive: bytes, **settings: Any) -> str:
        """Create or update one: ``created``, ``updated`` or ``unchanged``."""


class Registry(Protocol):
    """Model package groups and versions."""

    def groups(self) -> Iterator[dict[str, Any]]:
        """All groups, by name."""

    def group(self, name: str) -> dict[str, Any]:
        """One group."""

    def versions(self, group: str) -> Iterator[dict[str, Any]]:
        """Its versions, the newest first."""

    def describe(self, arn: str) -> dict[str, Any]:
        """One version."""

    def decide(self, arn: str, status: str, reason: str | None) -> None:
        """Set a version's approval status."""


class Jobs(Protocol):
    """Jobs by kind (processing, training, transform, tuning) and name, and their logs."""

    def describe(self, kind: str, name: str) -> dict[str, Any] | None:
        """The job, or None when there is no such job."""

    def status(self, kind: str, name: str) -> str | None:
        """The status, or None when there is no such job."""

    def list(self, kind: str, status: str | None) -> Iterator[dict[str, Any]]:
        """Jobs of a kind, and of a status if it is given; the newest first."""

    def stop(self, kind: str, name: str) -> None:
        """Ask a job to stop."""

    def trainings(self, name: str) -> Iterator[dict[str, Any]]:
        """A tuning job's training jobs, by name."""

    def streams(self, kind: str, name: str) -> Sequence[str]:
        """Its log streams."""

    def events(
        self, kind: str, stream: str, token: str | None
    ) -> tuple[Sequence[dict[str, Any]], str | None]:
        """Lines from a token on, and the next token."""

"""Plain objects in place of AWS, for use cases: they keep what they are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ropeway.errors import AwsError

__all__ = ["FakeExecutions", "FakeFunctions", "FakeJobs", "FakePipelines", "FakeRegistry", "FakeStorage"]

ARN = "arn:aws:sagemaker:eu-west-1:111111111111"


class FakePipelines:
    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, str] = {}

    def find(self, name: str) -> dict[str, Any] | None:
        return self.found.get(name)

    def create(self, name: str, definition: str, role: str, tags: Mapping[str, str], **more: str) -> str:
        self.tags.update(tags)
        return self.update(name, definition, role, **more)

    def update(self, name: str, definition: str, role: str, **more: str) -> str:
        arn = f"{ARN}:pipeline/{name}"
        self.found[name] = {
            "PipelineName": name,
            "PipelineArn": arn,
            "PipelineDefinition": definition,
            "RoleArn": role,
            **more,
        }
        return arn

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        self.tags.update(tags)

    def list(self) -> Iterator[dict[str, Any]]:
        return iter(self.found.values())


class FakeExecutions:
    """One execution that shows a new state at each look: pairs of a status and its steps."""

    def __init__(self, *states: tuple[str, list[dict[str, Any]]], arns: tuple[str, ...] = ()) -> None:
        self.states = list(states)
        self.arns = arns
        self.stopped: list[str] = []
        self._now = states[0] if states else ("Executing", [])

    def start(self, pipeline: str, parameters: Mapping[str, str], **more: Any) -> str:
        return f"{ARN}:pipeline/{pipeline}/execution/abc"

    def describe(self, arn: str) -> dict[str, Any]:
        if self.states:
            self._now = self.states.pop(0)
        pipeline = arn.partition("/execution/")[0]
        return {"PipelineArn": pipeline, "PipelineExecutionStatus": self._now[0], "FailureReason": "why"}

    def steps(self, arn: str) -> list[dict[str, Any]]:
        return self._now[1]

    def parameters(self, arn: str) -> dict[str, str]:
        return {}

    def definition(self, arn: str) -> str:
        return '{"Version": "2020-12-01", "Steps": []}'

    def list(self, pipeline: str) -> Iterator[dict[str, Any]]:
        for arn in self.arns:
            yield {"PipelineExecutionArn": arn, "PipelineExecutionStatus": "Succeeded"}

    def stop(self, arn: str) -> None:
        self.stopped.append(arn)

    def retry(self, arn: str) -> None:
        self.stopped.remove(arn)


class FakeStorage:
    def __init__(self, *buckets: str) -> None:
        self.buckets = set(buckets)
        self.objects: dict[tuple[str, str], bytes] = {}

    def has_bucket(self, bucket: str) -> bool:
        return bucket in self.buckets

    def create_bucket(self, bucket: str) -> None:
        self.buckets.add(bucket)

    def has(self, bucket: str, key: str) -> bool:
        return (bucket, key) in self.objects

    def put(self, bucket: str, key: str, content: bytes) -> None:
        if bucket not in self.buckets:
            raise AwsError("no such bucket", code="NoSuchBucket", operation="PutObject")
        self.objects[bucket, key] = content

    def get(self, bucket: str, key: str) -> bytes:
        if (bucket, key) not in self.objects:
            raise AwsError("no such key", code="NoSuchKey", operation="GetObject")
        return self.objects[bucket, key]


class FakeFunctions:
    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}

    def put(self, name: str, archive: bytes, **settings: Any) -> str:
        known = name in self.made
        self.made[name] = settings
        return "updated" if known else "created"


class FakeRegistry:
    """Groups with their versions' approval statuses, the first version first."""

    def __init__(self, **groups: list[str]) -> None:
        self.statuses = groups
        self.decided: list[tuple[str, str, str | None]] = []

    def groups(self) -> Iterator[dict[str, Any]]:
        for name in sorted(self.statuses):
            yield {"ModelPackageGroupName": name}

    def group(self, name: str) -> dict[str, Any]:
        if name not in self.statuses:
            raise AwsError(
                f"no group {name}", code="ValidationException", operation="DescribeModelPackageGroup"
            )
        return {"ModelPackageGroupName": name}

    def versions(self, group: str) -> Iterator[dict[str, Any]]:
        for number, status in reversed(list(enumerate(self.statuses[group], 1))):
            yield self._version(group, number, status)

    def describe(self, arn: str) -> dict[str, Any]:
        _, group, number = arn.rsplit("/", 2)
        statistics = {"S3Uri": "s3://reports/evaluation.json"}
        return {
            **self._version(group, int(number), self.statuses[group][int(number) - 1]),
            "ModelMetrics": {"ModelQuality": {"Statistics": statistics}},
            "InferenceSpecification": {
                "Containers": [{"Image": "image", "ModelDataUrl": "s3://m/model.tar.gz"}]
            },
        }

    def decide(self, arn: str, status: str, reason: str | None) -> None:
        self.decided.append((arn, status, reason))

    def _version(self, group: str, number: int, status: str) -> dict[str, Any]:
        return {
            "ModelPackageGroupName": group,
            "ModelPackageArn": f"{ARN}:model-package/{group}/{number}",
            "ModelPackageVersion": number,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": status,
        }


class FakeJobs:
    """One processing job, ``job``, whose log's batches appear one by one towards its last status.

    Attributes:
        found: further jobs by kind, as the API describes and lists them, the newest first.
        parts: what a tuning job's training jobs are.
    """

    def __init__(self, statuses: list[str], batches: list[list[str]]) -> None:
        self.statuses = statuses
        self.batches = batches
        self.found: dict[str, list[dict[str, Any]]] = {}
        self.parts: list[dict[str, Any]] = []
        self.stopped: list[tuple[str, str]] = []

    def describe(self, kind: str, name: str) -> dict[str, Any] | None:
        found = self.found.get(kind, ())
        return next(
            (job for job in found if name in {v for k, v in job.items() if k.endswith("JobName")}), None
        )

    def list(self, kind: str, status: str | None) -> Iterator[dict[str, Any]]:
        for job in self.found.get(kind, ()):
            if status is None or status in {v for k, v in job.items() if k.endswith("JobStatus")}:
                yield job

    def stop(self, kind: str, name: str) -> None:
        self.stopped.append((kind, name))

    def trainings(self, name: str) -> Iterator[dict[str, Any]]:
        yield from self.parts

    def status(self, kind: str, name: str) -> str | None:
        if self.describe(kind, name):
            return "Completed"
        if (kind, name) != ("processing", "job"):
            return None
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def streams(self, kind: str, name: str) -> Sequence[str]:
        return [f"{name}/algo-1"]

    def events(
        self, kind: str, stream: str, token: str | None
    ) -> tuple[Sequence[dict[str, Any]], str | None]:
        start = int(token or 0)
        if start >= len(self.batches) - (len(self.statuses) - 1):
            return [], token
        return [{"timestamp": start * 1000, "message": line} for line in self.batches[start]], str(start + 1)

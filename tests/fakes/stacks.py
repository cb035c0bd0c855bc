"""CloudFormation and an account, in memory, for the bootstrap's use case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.errors import AwsError


@dataclass
class FakeStacks:
    """One stack; ``plans`` are the answers to DescribeChangeSet, the last of which stays."""

    stack: dict[str, Any] | None = None
    own: dict[str, str] = field(default_factory=dict)
    plans: list[dict[str, Any]] = field(default_factory=list)
    after: list[dict[str, Any]] = field(default_factory=list)
    happened: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)

    def find(self, stack: str) -> dict[str, Any] | None:
        if "execute" in self.calls and self.after:
            self.stack = self.after.pop(0) if len(self.after) > 1 else self.after[0]
        return self.stack

    def resources(self, stack: str) -> dict[str, str]:
        return self.own

    def propose(
        self, stack: str, change_set: str, kind: str, template: str, given: Mapping[str, Any]
    ) -> None:
        self.calls.append(("propose", kind, given["parameters"]["OidcProviderArn"]))

    def proposed(self, stack: str, change_set: str) -> dict[str, Any]:
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    def drop(self, stack: str, change_set: str) -> None:
        self.calls.append("drop")

    def execute(self, stack: str, change_set: str) -> None:
        self.calls.append("execute")

    def delete(self, stack: str) -> None:
        self.calls.append("delete")

    def events(self, stack: str) -> Iterator[dict[str, Any]]:
        return iter(self.happened if "execute" in self.calls else [])


@dataclass
class FakeAccount:
    """What stands in the account."""

    arns: list[str] = field(default_factory=list)
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)

    def providers(self) -> list[str]:
        return self.arns

    def has_bucket(self, bucket: str) -> bool:
        return bucket in self.buckets

    def bucket(self, bucket: str) -> dict[str, Any]:
        if bucket not in self.buckets:
            raise AwsError("no bucket", code="NoSuchBucket", operation="GetBucketPolicy")
        return self.buckets[bucket]

    def role(self, name: str) -> dict[str, Any]:
        if name not in self.roles:
            raise AwsError("no role", code="NoSuchEntity", operation="GetRole")
        return {"RoleName": name}

"""The model registry: list, look at, approve, reject.

A reference is ``GROUP``, ``GROUP/VERSION`` or a version's ARN. Where a group alone is given, looking means the
newest version, and deciding means the newest one that waits for a decision.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ropeway.errors import AwsError, RopewayError, UsageError
from ropeway.usecases.ports import Registry, Storage
from ropeway.values.arn import Arn
from ropeway.values.s3uri import S3Uri

__all__ = ["GroupLine", "VersionLine", "VersionView", "decide", "groups_of", "pending", "show", "versions_of"]

PENDING = "PendingManualApproval"


@dataclass(frozen=True)
class GroupLine:
    """A group in a list."""

    name: str
    versions: int
    newest: str | None
    approved: int | None


@dataclass(frozen=True)
class VersionLine:
    """A version in a list."""

    group: str
    version: int
    status: str
    approval: str
    created: datetime | None
    arn: str


@dataclass(frozen=True)
class VersionView:
    """One version.

    Attributes:
        metrics: the numbers in its model quality report, by dotted path.
        metadata: its customer properties.
    """

    group: str
    version: int
    status: str
    approval: str
    reason: str | None
    created: datetime | None
    description: str | None
    image: str | None
    model_data: str | None
    metrics: dict[str, Any]
    metadata: dict[str, str]
    arn: str


def groups_of(registry: Registry) -> list[GroupLine]:
    """All groups, with their newest version's approval and their newest approved version."""
    lines = []
    for group in registry.groups():
        versions = versions_of(registry, str(group["ModelPackageGroupName"]))
        approved = [line.version for line in versions if line.approval == "Approved"]
        lines.append(
            GroupLine(
                name=str(group["ModelPackageGroupName"]),
                versions=len(versions),
                newest=versions[0].approval if versions else None,
                approved=max(approved, default=None),
            )
        )
    return lines


def versions_of(registry: Registry, group: str) -> list[VersionLine]:
    """A group's versions, the newest first.

    Raises:
        AwsError: there is no such group.
    """
    registry.group(group)
    lines = [
        VersionLine(
            group=group,
            version=int(item["ModelPackageVersion"]),
            status=str(item["ModelPackageStatus"]),
            approval=str(item.get("ModelApprovalStatus", "")),
            created=item.get("CreationTime"),
            arn=str(item["ModelPackageArn"]),
        )
        for item in registry.versions(group)
    ]
    return sorted(lines, key=lambda line: -line.version)


def show(registry: Registry, storage: Storage, reference: str) -> VersionView:
    """A version with its metrics.

    Raises:
        RopewayError: the group has no such version.
    """
    return _view(registry, storage, _arn(registry, reference))


def pending(registry: Registry, storage: Storage, reference: str) -> VersionView:
    """The version to decide about: the named one, or the group's newest that waits.

    Raises:
        RopewayError: the group has no version that waits, or not the named one.
    """
    group, version = _parse(reference)
    if version is not None:
        return show(registry, storage, reference)
    for line in versions_of(registry, group):
        if line.approval == PENDING:
            return _view(registry, storage, line.arn)
    raise RopewayError(
        f"no version of {group} waits for approval",
        hint=f"name a version: {group}/VERSION changes its status",
    )


def decide(registry: Registry, version: VersionView, *, approve: bool, reason: str | None) -> str:
    """Approve or reject; the new status."""
    status = "Approved" if approve else "Rejected"
    registry.decide(version.arn, status, reason)
    return status


def _parse(reference: str) -> tuple[str, int | None]:
    name = Arn.parse(reference).name if reference.startswith("arn:") else reference
    group, slash, version = name.partition("/")
    if slash and not version.isdigit():
        raise UsageError(f"{version!r} is no version", hint="write GROUP/3, with the version's number")
    return group, int(version) if slash else None


def _arn(registry: Registry, reference: str) -> str:
    group, version = _parse(reference)
    for line in versions_of(registry, group):
        if version in {None, line.version}:
            return line.arn
    told = f"version {version}" if version is not None else "versions"
    raise RopewayError(
        f"group {group} has no {told}", hint=f"ropeway model list {group} tells which there are"
    )


def _view(registry: Registry, storage: Storage, arn: str) -> VersionView:
    found = registry.describe(arn)
    container = (found.get("InferenceSpecification", {}).get("Containers") or [{}])[0]
    return VersionView(
        group=str(found.get("ModelPackageGroupName", "")),
        version=int(found.get("ModelPackageVersion", 0)),
        status=str(found["ModelPackageStatus"]),
        approval=str(found.get("ModelApprovalStatus", "")),
        reason=found.get("ApprovalDescription"),
        created=found.get("CreationTime"),
        description=found.get("ModelPackageDescription"),
        image=container.get("Image"),
        model_data=container.get("ModelDataUrl"),
        metrics=_metrics(storage, found),
        metadata=dict(found.get("CustomerMetadataProperties") or {}),
        arn=arn,
    )


def _metrics(storage: Storage, package: dict[str, Any]) -> dict[str, Any]:
    quality = package.get("ModelMetrics", {}).get("ModelQuality", {})
    uri = quality.get("Statistics", {}).get("S3Uri")
    if not uri:
        return {}
    try:
        address = S3Uri.parse(uri)
        return dict(_numbers(json.loads(storage.get(address.bucket, address.key))))
    except (AwsError, ValueError):
        # The report is the pipeline's own: it may be a folder, gone, or no JSON. The version stands without it.
        return {}


def _numbers(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [
            pair for key, item in value.items() for pair in _numbers(item, f"{path}.{key}" if path else key)
        ]
    if isinstance(value, int | float | str) and path:
        return [(path, value)]
    return []

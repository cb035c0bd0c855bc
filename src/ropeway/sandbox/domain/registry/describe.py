"""Model packages as the API describes and summarises them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.registry.model import Package

__all__ = ["batch_summary", "containers", "describe", "summary"]


def describe(package: Package) -> dict[str, Any]:
    """The DescribeModelPackage answer."""
    answer: dict[str, Any] = {
        "CertifyForMarketplace": False,
        **package.document,
        **_identity(package),
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreatedBy": dict(package.created_by),
    }
    if package.modified is not None:
        answer["LastModifiedTime"] = datetime.fromtimestamp(package.modified, tz=timezone.utc)
        answer["LastModifiedBy"] = dict(package.modified_by)
    return answer


def summary(package: Package) -> dict[str, Any]:
    """A package's entry in a list."""
    further = ("ModelPackageDescription", "ModelLifeCycle", "ModelPackageRegistrationType")
    return {**_chosen(package, further), **_identity(package)}


def batch_summary(package: Package) -> dict[str, Any]:
    """A package's entry in BatchDescribeModelPackage's answer."""
    further = ("ModelPackageDescription", "InferenceSpecification", "ModelPackageRegistrationType")
    return {**_chosen(package, further), **_identity(package)}


def containers(package: Package, specification: str | None) -> Sequence[Mapping[str, Any]]:
    """The containers of an inference specification: the package's own, or an additional one by name.

    Raises:
        Invalid: the package has no such specification.
    """
    if specification is None:
        chosen = package.document.get("InferenceSpecification")
    else:
        additional = package.document.get("AdditionalInferenceSpecifications", ())
        chosen = next((entry for entry in additional if entry["Name"] == specification), None)
    if chosen is None:
        named = f" named {specification}" if specification else ""
        raise Invalid(f"Model package {package.arn} has no inference specification{named}.")
    found: Sequence[Mapping[str, Any]] = chosen["Containers"]
    return found


def _identity(package: Package) -> dict[str, Any]:
    # A version has no ModelPackageName of its own: AWS tells its group and its number instead.
    identity: dict[str, Any] = {
        "ModelPackageArn": package.arn,
        "ModelPackageStatus": package.status,
        "CreationTime": datetime.fromtimestamp(package.created, tz=timezone.utc),
    }
    if not package.group:
        return {"ModelPackageName": package.name, **identity}
    return {
        "ModelPackageGroupName": package.group,
        "ModelPackageVersion": package.version,
        "ModelApprovalStatus": package.approval,
        **identity,
    }


def _chosen(package: Package, names: Sequence[str]) -> dict[str, Any]:
    return {name: package.document[name] for name in names if name in package.document}

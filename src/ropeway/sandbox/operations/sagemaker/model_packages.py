"""Model packages: create, describe, list, update, delete."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.registry.describe import summary
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "CreateModelPackage")
def create(call: Call) -> dict[str, Any]:
    """Register a version in a group, or a package with a name of its own."""
    tags = call.params.get("Tags", ())
    arn = call.domain.registry.create_package(call.account, call.region, call.params, tags, call.caller)
    return {"ModelPackageArn": arn}


@operation("sagemaker", "DescribeModelPackage")
def describe(call: Call) -> dict[str, Any]:
    """A package by name, or by ARN of any account that lets the caller."""
    name = call.params["ModelPackageName"]
    answer = call.domain.registry.describe_package(name, call.account, call.region, call.caller)
    if call.params.get("IncludedData") == "MetadataOnly":
        answer.pop("ModelCard", None)
    return answer


@operation("sagemaker", "BatchDescribeModelPackage")
def batch_describe(call: Call) -> dict[str, Any]:
    """Several packages by ARN."""
    return call.domain.registry.batch_describe(call.params["ModelPackageArnList"], call.caller, call.region)


@operation("sagemaker", "ListModelPackages")
def list_packages(call: Call) -> dict[str, Any]:
    """Packages of a group, or of the account and region; newest first."""
    page = call.domain.registry.list_packages(
        call.account,
        call.region,
        pages.listing_of(call.params, equals={"ModelApprovalStatus": "approval"}),
        group=call.params.get("ModelPackageGroupName"),
        kind=call.params.get("ModelPackageType"),
        caller=call.caller,
    )
    return pages.answer("ModelPackageSummaryList", page, call.params, summary)


@operation("sagemaker", "UpdateModelPackage")
def update(call: Call) -> dict[str, Any]:
    """Approve, reject or describe a package further."""
    arn = call.domain.registry.update_package(call.account, call.region, call.params, call.caller)
    return {"ModelPackageArn": arn}


@operation("sagemaker", "DeleteModelPackage")
def delete(call: Call) -> None:
    """Forget a package."""
    name = call.params["ModelPackageName"]
    call.domain.registry.delete_package(name, call.account, call.region, call.caller)

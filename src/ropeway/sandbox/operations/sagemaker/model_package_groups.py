"""Model package groups: create, describe, list, delete, and their policies."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.registry.model import Group
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "CreateModelPackageGroup")
def create(call: Call) -> dict[str, Any]:
    """Make a group."""
    tags = call.params.get("Tags", ())
    arn = call.domain.registry.groups.create(call.account, call.region, call.params, tags, call.caller)
    return {"ModelPackageGroupArn": arn}


@operation("sagemaker", "DescribeModelPackageGroup")
def describe(call: Call) -> dict[str, Any]:
    """A group by name, or by ARN of any account that lets the caller."""
    return call.domain.registry.groups.describe(
        call.params["ModelPackageGroupName"], call.caller, call.region
    )


@operation("sagemaker", "ListModelPackageGroups")
def list_groups(call: Call) -> dict[str, Any]:
    """Groups of the account and region, newest first."""
    if call.params.get("CrossAccountFilterOption") == "CrossAccount":
        return {"ModelPackageGroupSummaryList": []}  # shared through RAM, which the sandbox does not have
    page = call.domain.registry.groups.list(call.account, call.region, pages.listing_of(call.params))
    return pages.answer("ModelPackageGroupSummaryList", page, call.params, _summary)


@operation("sagemaker", "DeleteModelPackageGroup")
def delete(call: Call) -> None:
    """Forget an empty group."""
    call.domain.registry.groups.delete(call.params["ModelPackageGroupName"], call.caller, call.region)


@operation("sagemaker", "PutModelPackageGroupPolicy")
def put_policy(call: Call) -> dict[str, Any]:
    """Say which other accounts may do what."""
    name, policy = call.params["ModelPackageGroupName"], call.params["ResourcePolicy"]
    arn = call.domain.registry.groups.put_policy(name, call.account, call.region, policy)
    return {"ModelPackageGroupArn": arn}


@operation("sagemaker", "GetModelPackageGroupPolicy")
def get_policy(call: Call) -> dict[str, Any]:
    """The group's policy as it was put."""
    name = call.params["ModelPackageGroupName"]
    return {"ResourcePolicy": call.domain.registry.groups.get_policy(name, call.account, call.region)}


@operation("sagemaker", "DeleteModelPackageGroupPolicy")
def delete_policy(call: Call) -> None:
    """Take the group's policy away."""
    call.domain.registry.groups.delete_policy(call.params["ModelPackageGroupName"], call.account, call.region)


def _summary(group: Group) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "ModelPackageGroupDescription": group.description,
        "CreationTime": pages.moment(group.created),
        "ModelPackageGroupStatus": "Completed",
        "ManagedConfiguration": group.configuration or None,
    }

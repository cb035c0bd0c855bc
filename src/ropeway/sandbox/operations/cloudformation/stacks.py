"""Stacks: create, update, delete, and everything that can be asked about them."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError, NotThere
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.stacks.template import invalid, read
from ropeway.sandbox.domain.stacks.values import order
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.kept import (
    Resource,
    Stack,
    all_stacks,
    already,
    find,
    named,
    new,
)
from ropeway.sandbox.operations.cloudformation.kinds import check
from ropeway.sandbox.operations.cloudformation.making import Wish, changes_of, delete, make, wish_of
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation

__all__ = ["template_text", "text_at", "wish_in"]

_ALL = 10_000
_ENDED = ("_COMPLETE", "_FAILED")


def template_text(call: Call, stack: Stack | None) -> str:
    """The template that a call brings: as text, by address, or the one that the stack has.

    Raises:
        DomainError: it brings none, or what it names is not there.
    """
    params = call.params
    if params.get("UsePreviousTemplate") and stack is not None:
        return stack.template
    if "TemplateBody" in params:
        return str(params["TemplateBody"])
    if "TemplateURL" not in params:
        raise invalid("Either Template URL or Template Body must be specified.")
    return text_at(call, str(params["TemplateURL"]))


def text_at(call: Call, address: str) -> str:
    """A template in S3, by either form of its address, read with the caller's rights.

    Raises:
        DomainError: it is not there, or may not be read.
    """
    host, _, path = address.partition("://")[2].partition("/")
    bucket, _, key = path.partition("/")
    if ".s3" in host:  # bucket.s3.region.amazonaws.com/key
        bucket, key = host.partition(".s3")[0], path
    try:
        return call.domain.objects.local.read(call.caller.acting, bucket, key.partition("?")[0]).decode()
    except (DomainError, UnicodeDecodeError) as error:
        raise invalid(f"S3 error: {getattr(error, 'message', error)}") from error


def wish_in(call: Call, stack: Stack) -> Wish:
    """What a call asks a stack to become."""
    if not all("ParameterKey" in each for each in call.params.get("Parameters", ())):
        raise invalid("Every parameter must have a ParameterKey.")
    parameters = {
        each["ParameterKey"]: None if each.get("UsePreviousValue") else each.get("ParameterValue", "")
        for each in call.params.get("Parameters", ())
    }
    tags = {each["Key"]: each["Value"] for each in call.params.get("Tags", ())}
    if "Tags" not in call.params:
        tags = stack.tags
    given = (parameters, tags, list(call.params.get("Capabilities", ())))
    return wish_of(template_text(call, stack), given, stack)


@operation("cloudformation", "CreateStack")
def create_stack(call: Call) -> dict[str, Any]:
    """Make a new stack."""
    name = call.params["StackName"]
    if find(call, name) is not None:
        raise already(name)
    stack = new(call, name, "NEW")
    wish = wish_in(call, stack)
    changes_of(call, stack, wish)  # what refers to nothing is refused before anything is made
    make(call, stack, wish)
    return {"StackId": stack.arn}


@operation("cloudformation", "UpdateStack")
def update_stack(call: Call) -> dict[str, Any]:
    """Make a stack what its new template says."""
    stack = named(call, call.params["StackName"])
    _ended(stack)
    wish = wish_in(call, stack)
    if not changes_of(call, stack, wish) and (stack.template, stack.parameters) == (
        wish.text,
        wish.parameters,
    ):
        raise invalid("No updates are to be performed.")
    make(call, stack, wish)
    return {"StackId": stack.arn}


def _ended(stack: Stack) -> None:
    if stack.status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"} or not stack.status.endswith(
        _ENDED
    ):
        raise invalid(f"Stack:{stack.arn} is in {stack.status} state and can not be updated.")


@operation("cloudformation", "DeleteStack")
def delete_stack(call: Call) -> dict[str, Any]:
    """Delete a stack and what it made; one that is not there is fine."""
    if call.params.get("RetainResources"):
        raise NotThere("The sandbox's CloudFormation does not have RetainResources.")
    stack = find(call, call.params["StackName"])
    if stack is not None and stack.status != "DELETE_COMPLETE":
        listing = Listing(limit=_ALL, equals={"parent": stack.arn})
        for record in call.domain.records.list("ChangeSet", call.account, call.region, listing).items:
            call.domain.records.delete(record.arn)
        delete(call, stack)
    return {}


@operation("cloudformation", "DescribeStacks")
def describe_stacks(call: Call) -> dict[str, Any]:
    """Stacks with parameters, outputs and tags."""
    name = call.params.get("StackName")
    found = (
        [named(call, name)]
        if name
        else [each for each in all_stacks(call) if each.status != "DELETE_COMPLETE"]
    )
    return {"Stacks": [_told(stack) for stack in found]}


def _told(stack: Stack) -> dict[str, Any]:
    return {
        "StackId": stack.arn,
        "StackName": stack.name,
        "Description": stack.description or None,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()
        ],
        "CreationTime": moment(stack.created),
        "LastUpdatedTime": moment(stack.updated),
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason or None,
        "DisableRollback": False,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": stack.outputs,
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "EnableTerminationProtection": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }


@operation("cloudformation", "ListStacks")
def list_stacks(call: Call) -> dict[str, Any]:
    """Stacks in short, deleted ones too."""
    wanted = call.params.get("StackStatusFilter")
    return {
        "StackSummaries": [
            {
                "StackId": stack.arn,
                "StackName": stack.name,
                "CreationTime": moment(stack.created),
                "LastUpdatedTime": moment(stack.updated),
                "StackStatus": stack.status,
            }
            for stack in all_stacks(call)
            if not wanted or stack.status in wanted
        ]
    }


def _resource(stack: Stack, name: str, resource: Resource) -> dict[str, Any]:
    return {
        "StackName": stack.name,
        "StackId": stack.arn,
        "LogicalResourceId": name,
        "PhysicalResourceId": resource.ref,
        "ResourceType": resource.kind,
        "Timestamp": moment(resource.at),
        "LastUpdatedTimestamp": moment(resource.at),
        "ResourceStatus": resource.status,
    }


@operation("cloudformation", "DescribeStackResources")
def describe_stack_resources(call: Call) -> dict[str, Any]:
    """What a stack made."""
    if "StackName" not in call.params:
        raise invalid(
            "At least one of StackName and PhysicalResourceId must be specified; the sandbox takes StackName."
        )
    stack, wanted = named(call, call.params["StackName"]), call.params.get("LogicalResourceId")
    found = [_resource(stack, name, each) for name, each in stack.resources.items() if wanted in {None, name}]
    return {"StackResources": found}


@operation("cloudformation", "DescribeStackResource")
def describe_stack_resource(call: Call) -> dict[str, Any]:
    """One thing that a stack made."""
    stack, name = named(call, call.params["StackName"]), call.params["LogicalResourceId"]
    if name not in stack.resources:
        raise invalid(f"Resource {name} does not exist for stack {stack.name}")
    return {"StackResourceDetail": _resource(stack, name, stack.resources[name])}


@operation("cloudformation", "ListStackResources")
def list_stack_resources(call: Call) -> dict[str, Any]:
    """What a stack made, in short."""
    stack = named(call, call.params["StackName"])
    return {
        "StackResourceSummaries": [_resource(stack, name, each) for name, each in stack.resources.items()]
    }


@operation("cloudformation", "DescribeStackEvents")
def describe_stack_events(call: Call) -> dict[str, Any]:
    """What happened to a stack, the newest first."""
    stack = named(call, call.params["StackName"])
    return {
        "StackEvents": [{**each, "Timestamp": moment(each["Timestamp"])} for each in reversed(stack.events)]
    }


@operation("cloudformation", "GetTemplate")
def get_template(call: Call) -> dict[str, Any]:
    """A stack's template as it was given."""
    if "StackName" not in call.params:
        raise NotThere("The sandbox tells a stack's template, not a change set's; give StackName.")
    return {
        "TemplateBody": named(call, call.params["StackName"]).template,
        "StagesAvailable": ["Original", "Processed"],
    }


@operation("cloudformation", "ValidateTemplate")
def validate_template(call: Call) -> dict[str, Any]:
    """Whether a template could be made here, and what it asks for."""
    template = read(template_text(call, None))
    check(template["Resources"])
    order(template["Resources"])
    return _summary(template)


@operation("cloudformation", "GetTemplateSummary")
def get_template_summary(call: Call) -> dict[str, Any]:
    """What a template asks for, and what it is made of."""
    stack = named(call, call.params["StackName"]) if "StackName" in call.params else None
    template = read(stack.template if stack else template_text(call, None))
    return {
        **_summary(template),
        "ResourceTypes": sorted({each["Type"] for each in template["Resources"].values()}),
    }


def _summary(template: Any) -> dict[str, Any]:
    properties = [set(each.get("Properties", {})) for each in template["Resources"].values()]
    iam = any(each["Type"].startswith("AWS::IAM::") for each in template["Resources"].values())
    names_iam = any(each & {"RoleName", "ManagedPolicyName"} for each in properties)
    needed = ["CAPABILITY_NAMED_IAM" if names_iam else "CAPABILITY_IAM"] if iam else []
    return {
        "Description": template.get("Description"),
        "Parameters": [
            {
                "ParameterKey": name,
                "DefaultValue": None if "Default" not in about else str(about["Default"]),
                "NoEcho": bool(about.get("NoEcho", False)),
                "Description": about.get("Description"),
            }
            for name, about in template["Parameters"].items()
        ],
        "Capabilities": needed,
    }

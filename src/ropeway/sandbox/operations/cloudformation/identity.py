"""AWS::IAM::Role, AWS::IAM::ManagedPolicy and AWS::IAM::OIDCProvider."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.stacks.values import Made
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.inner import ask
from ropeway.sandbox.operations.cloudformation.kinds import Properties, Want, document, kind, tags_of

__all__: list[str] = []

_VERSIONS = 5  # of a managed policy, as IAM keeps


def _create_role(call: Call, want: Want) -> Made:
    given = want.properties
    name = str(given.get("RoleName") or want.name[:64])
    members = ("Path", "Description", "MaxSessionDuration", "PermissionsBoundary")
    params: dict[str, Any] = {member: given[member] for member in members if member in given}
    if tags_of(want):
        params["Tags"] = tags_of(want)
    trust = document(given["AssumeRolePolicyDocument"])
    role = ask(call, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust, **params)["Role"]
    _give(call, name, given)
    return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _give(call: Call, name: str, given: Properties) -> None:
    for policy in given.get("Policies", ()):
        text = document(policy["PolicyDocument"])
        ask(call, "iam", "PutRolePolicy", RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=text)
    for arn in given.get("ManagedPolicyArns", ()):
        ask(call, "iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)


def _take(call: Call, name: str, before: Properties, keep: Properties) -> None:
    kept = {policy["PolicyName"] for policy in keep.get("Policies", ())}
    for policy in before.get("Policies", ()):
        if policy["PolicyName"] not in kept:
            ask(call, "iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy["PolicyName"])
    for arn in before.get("ManagedPolicyArns", ()):
        if arn not in keep.get("ManagedPolicyArns", ()):
            ask(call, "iam", "DetachRolePolicy", RoleName=name, PolicyArn=arn)


def _update_role(call: Call, name: str, want: Want, before: Properties) -> Made:
    given = want.properties
    trust = document(given["AssumeRolePolicyDocument"])
    ask(call, "iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=trust)
    members = ("Description", "MaxSessionDuration")
    params = {member: given[member] for member in members if member in given}
    if params:
        ask(call, "iam", "UpdateRole", RoleName=name, **params)
    if "PermissionsBoundary" in given:
        boundary = given["PermissionsBoundary"]
        ask(call, "iam", "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=boundary)
    elif "PermissionsBoundary" in before:
        ask(call, "iam", "DeleteRolePermissionsBoundary", RoleName=name)
    _take(call, name, before, given)
    _give(call, name, given)
    if tags_of(want):
        ask(call, "iam", "TagRole", RoleName=name, Tags=tags_of(want))
    role = ask(call, "iam", "GetRole", RoleName=name)["Role"]
    return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _delete_role(call: Call, name: str, before: Properties) -> None:
    _take(call, name, before, {})
    ask(call, "iam", "DeleteRole", RoleName=name)


kind(
    "AWS::IAM::Role",
    "RoleName Path Description MaxSessionDuration PermissionsBoundary AssumeRolePolicyDocument Policies"
    " ManagedPolicyArns Tags",
    "RoleName Path",
    (_create_role, _update_role, _delete_role),
)


def _create_policy(call: Call, want: Want) -> Made:
    given = want.properties
    params = {member: given[member] for member in ("Path", "Description") if member in given}
    name = str(given.get("ManagedPolicyName") or want.name[:128])
    text = document(given["PolicyDocument"])
    arn = ask(call, "iam", "CreatePolicy", PolicyName=name, PolicyDocument=text, **params)["Policy"]["Arn"]
    return Made(arn, {"PolicyArn": arn})


def _update_policy(call: Call, arn: str, want: Want, before: Properties) -> Made:  # noqa: ARG001 - the kinds' signature
    versions = ask(call, "iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]
    if len(versions) >= _VERSIONS:
        oldest = min(
            (each for each in versions if not each["IsDefaultVersion"]),
            key=lambda each: int(each["VersionId"][1:]),
        )
        ask(call, "iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=oldest["VersionId"])
    text = document(want.properties["PolicyDocument"])
    ask(call, "iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    return Made(arn, {"PolicyArn": arn})


def _delete_policy(call: Call, arn: str, before: Properties) -> None:  # noqa: ARG001 - the kinds' signature
    for version in ask(call, "iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            ask(call, "iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])
    ask(call, "iam", "DeletePolicy", PolicyArn=arn)


kind(
    "AWS::IAM::ManagedPolicy",
    "ManagedPolicyName Path Description PolicyDocument",
    "ManagedPolicyName Path Description",
    (_create_policy, _update_policy, _delete_policy),
)


def _create_provider(call: Call, want: Want) -> Made:
    given = want.properties
    params: dict[str, Any] = {"Url": given["Url"], "ThumbprintList": given.get("ThumbprintList", [])}
    if "ClientIdList" in given:
        params["ClientIDList"] = given["ClientIdList"]
    if tags_of(want):
        params["Tags"] = tags_of(want)
    arn = ask(call, "iam", "CreateOpenIDConnectProvider", **params)["OpenIDConnectProviderArn"]
    return Made(arn, {"Arn": arn})


def _update_provider(call: Call, arn: str, want: Want, before: Properties) -> Made:
    wanted, had = want.properties.get("ClientIdList", []), before.get("ClientIdList", [])
    for client in wanted:
        if client not in had:
            ask(
                call,
                "iam",
                "AddClientIDToOpenIDConnectProvider",
                OpenIDConnectProviderArn=arn,
                ClientID=client,
            )
    for client in had:
        if client not in wanted:
            ask(
                call,
                "iam",
                "RemoveClientIDFromOpenIDConnectProvider",
                OpenIDConnectProviderArn=arn,
                ClientID=client,
            )
    thumbprints = want.properties.get("ThumbprintList")
    if thumbprints is not None:
        ask(
            call,
            "iam",
            "UpdateOpenIDConnectProviderThumbprint",
            OpenIDConnectProviderArn=arn,
            ThumbprintList=thumbprints,
        )
    return Made(arn, {"Arn": arn})


def _delete_provider(call: Call, arn: str, before: Properties) -> None:  # noqa: ARG001 - the kinds' signature
    ask(call, "iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)


kind(
    "AWS::IAM::OIDCProvider",
    "Url ClientIdList ThumbprintList Tags",
    "Url",
    (_create_provider, _update_provider, _delete_provider),
)

"""AWS::KMS::Key and AWS::KMS::Alias."""

from __future__ import annotations

from ropeway.sandbox.domain.stacks.values import Made
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.inner import ask
from ropeway.sandbox.operations.cloudformation.kinds import Properties, Want, document, kind, tags_of

__all__: list[str] = []

_DAYS = 30


def _create_key(call: Call, want: Want) -> Made:
    given = want.properties
    members = ("Description", "KeyUsage", "KeySpec", "MultiRegion")
    params = {member: given[member] for member in members if member in given}
    if "KeyPolicy" in given:
        params["Policy"] = document(given["KeyPolicy"])
    if tags_of(want):
        params["Tags"] = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags_of(want)]
    key = ask(call, "kms", "CreateKey", **params)["KeyMetadata"]
    if given.get("EnableKeyRotation"):
        ask(call, "kms", "EnableKeyRotation", KeyId=key["KeyId"])
    return Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})


def _update_key(call: Call, key: str, want: Want, before: Properties) -> Made:
    given = want.properties
    if "KeyPolicy" in given:
        ask(call, "kms", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy=document(given["KeyPolicy"]))
    if given.get("Description") != before.get("Description"):
        ask(call, "kms", "UpdateKeyDescription", KeyId=key, Description=given.get("Description", ""))
    if given.get("EnableKeyRotation") != before.get("EnableKeyRotation"):
        verb = "Enable" if given.get("EnableKeyRotation") else "Disable"
        ask(call, "kms", f"{verb}KeyRotation", KeyId=key)
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags_of(want)]
    if tags:
        ask(call, "kms", "TagResource", KeyId=key, Tags=tags)
    arn = ask(call, "kms", "DescribeKey", KeyId=key)["KeyMetadata"]["Arn"]
    return Made(key, {"Arn": arn, "KeyId": key})


def _delete_key(call: Call, key: str, before: Properties) -> None:
    days = int(before.get("PendingWindowInDays", _DAYS))
    ask(call, "kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)


kind(
    "AWS::KMS::Key",
    "Description EnableKeyRotation KeyPolicy KeySpec KeyUsage MultiRegion PendingWindowInDays Tags",
    "KeySpec KeyUsage MultiRegion",
    (_create_key, _update_key, _delete_key),
)


def _create_alias(call: Call, want: Want) -> Made:
    name = str(want.properties["AliasName"])
    ask(call, "kms", "CreateAlias", AliasName=name, TargetKeyId=want.properties["TargetKeyId"])
    return Made(name)


def _update_alias(call: Call, name: str, want: Want, before: Properties) -> Made:  # noqa: ARG001 - the kinds' signature
    ask(call, "kms", "UpdateAlias", AliasName=name, TargetKeyId=want.properties["TargetKeyId"])
    return Made(name)


def _delete_alias(call: Call, name: str, before: Properties) -> None:  # noqa: ARG001 - the kinds' signature
    ask(call, "kms", "DeleteAlias", AliasName=name)


kind("AWS::KMS::Alias", "AliasName TargetKeyId", "AliasName", (_create_alias, _update_alias, _delete_alias))

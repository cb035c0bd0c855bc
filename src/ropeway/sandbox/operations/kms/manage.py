"""Keys and their grants: made, described, switched off, granted.

What moto does itself is left to it, once the key is known by its id (moto's own operations stumble over ARNs) and a
policy is one that AWS would take. AWS's own keys are described here: moto would make them by describing them.
"""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.keys.model import Key, Use
from ropeway.sandbox.domain.policy import Decision, evaluate, parse
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.kms.use import ask_moto, key_of, named_by, refuse_dry_run
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_MAX_POLICY = 32_768
# Of the key's own account, whoever asks.
_OWN = (
    "CancelKeyDeletion",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "GetKeyPolicy",
    "ScheduleKeyDeletion",
    "UpdateKeyDescription",
)
# Of anybody whom the key's policy lets in.
_SHARED = ("GetKeyRotationStatus", "ListGrants", "RevokeGrant")


def _own_key(call: Call) -> Key:
    key = key_of(call)
    if key.account != call.account:
        text = (
            f"User: {call.caller.arn} is not authorized to perform: kms:{call.operation} on resource: {key.arn}: "
            "the operation is for the key's own account"
        )
        raise DomainError(text, code="AccessDeniedException", status=400)
    if key.service and call.operation != "GetKeyPolicy":
        text = f"{key.arn} is an AWS managed key, which customers cannot change."
        raise DomainError(text, code="AccessDeniedException", status=400)
    return key


def _allow(call: Call, key: Key, **facts: Any) -> None:
    """The key's own account sees and grants as it likes, as far as its state allows; others by the policy."""
    if key.account != call.account:
        use = Use(f"kms:{call.operation}", alias=named_by(call), facts=facts)
        call.domain.keys.allow(call.caller, key, use)


def _register_own(name: str) -> None:
    def manage(call: Call) -> dict[str, Any]:
        key = _own_key(call)
        answer = ask_moto(call, key, name, {**call.params, "KeyId": key.id})
        return {**answer, "KeyId": key.arn} if "KeyId" in answer else answer

    operation("kms", name)(manage)


def _register_shared(name: str) -> None:
    def manage(call: Call) -> dict[str, Any]:
        key = key_of(call)
        _allow(call, key)
        refuse_dry_run(call)
        return ask_moto(call, key, name, {**call.params, "KeyId": key.id})

    operation("kms", name)(manage)


@operation("kms", "DescribeKey")
def describe_key(call: Call) -> dict[str, Any]:
    """Tell of a key."""
    key = key_of(call)
    _allow(call, key)
    if key.service:
        return {"KeyMetadata": _managed(key)}
    return ask_moto(call, key, "DescribeKey", {"KeyId": key.id})


def _managed(key: Key) -> dict[str, Any]:
    return {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "Enabled": True,
        "Description": f"Default key that {key.service} uses when no other key is named",
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": "AWS_KMS",
        "KeyManager": "AWS",
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "EncryptionAlgorithms": [key.spec],
        "MultiRegion": False,
    }


@operation("kms", "CreateGrant")
def create_grant(call: Call) -> dict[str, Any]:
    """Let a principal use a key."""
    params, key = call.params, key_of(call)
    if "GranteePrincipal" not in params:
        raise Invalid("The sandbox grants to a GranteePrincipal only, not to a GranteeServicePrincipal")
    constraints = params.get("Constraints", {})
    facts = {
        "kms:GrantIsForAWSResource": "false",
        "kms:GranteePrincipal": params["GranteePrincipal"],
        "kms:GrantOperations": list(params["Operations"]),
        "kms:GrantConstraintType": list(constraints),
    }
    _allow(call, key, **facts)
    call.domain.keys.usable(key)
    refuse_dry_run(call)
    return ask_moto(call, key, "CreateGrant", {**params, "KeyId": key.id})


@operation("kms", "CreateKey")
def create_key(call: Call) -> dict[str, Any]:
    """Make a key; without a policy its account's IAM decides."""
    if "Policy" in call.params:
        _check(call, call.params["Policy"])
    return call.domain.peers.call("kms", "CreateKey", call.params, account=call.account, region=call.region)


@operation("kms", "PutKeyPolicy")
def put_key_policy(call: Call) -> dict[str, Any]:
    """Replace a key's policy."""
    key = _own_key(call)
    _check(call, call.params["Policy"])
    wanted = {"KeyId": key.id, "PolicyName": call.params.get("PolicyName", "default")}
    return ask_moto(call, key, "PutKeyPolicy", {**wanted, "Policy": call.params["Policy"]})


def _check(call: Call, text: str) -> None:
    """Refuse what is no policy, and one that locks the caller out."""
    if len(text) > _MAX_POLICY:
        raise DomainError(
            f"Policy size cannot exceed {_MAX_POLICY} bytes", code="LimitExceededException", status=400
        )
    try:
        policy = parse(text)
    except Invalid as error:
        raise DomainError(error.message, code="MalformedPolicyDocumentException", status=400) from error
    if call.params.get("BypassPolicyLockoutSafetyCheck"):
        return
    decision = evaluate(
        policy,
        principal_arn=call.caller.arn,
        principal_account=call.account,
        action="kms:PutKeyPolicy",
        resource="*",
        context={"kms:CallerAccount": call.account},
    )
    if decision is not Decision.ALLOW:
        raise DomainError(
            "The new key policy will not allow you to update the key policy in the future.",
            code="MalformedPolicyDocumentException",
            status=400,
        )


for _name in _OWN:
    _register_own(_name)
for _name in _SHARED:
    _register_shared(_name)

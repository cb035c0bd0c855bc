"""Operations that use a key: encrypt, decrypt, make data keys, sign; by anybody whom the key's policy lets in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.keys.model import Key, Use
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__ = ["ask_moto", "key_of", "named_by", "refuse_dry_run"]

_SYMMETRIC = "SYMMETRIC_DEFAULT"
# The action is the operation's name.
_PLAIN = (
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "Sign",
    "Verify",
    "VerifyMac",
)


def key_of(call: Call, member: str = "KeyId") -> Key:
    """The key that a request names.

    Raises:
        DomainError: ``NotFoundException`` or ``AccessDeniedException``.
    """
    return call.domain.keys.find(call.params[member], call.account, call.region)


def named_by(call: Call, member: str = "KeyId") -> str:
    """The alias that a request names its key by, or nothing."""
    name = str(call.params.get(member, ""))
    return name[name.find("alias/") :] if "alias/" in name else ""


def refuse_dry_run(call: Call) -> None:
    """End a call that only wanted to know.

    Raises:
        DomainError: ``DryRunOperationException``.
    """
    if call.params.get("DryRun"):
        text = "The request would have succeeded, but the DryRun option is set."
        raise DomainError(text, code="DryRunOperationException", status=412)


def ask_moto(call: Call, key: Key, operation_: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Have moto do it, in the key's account."""
    return call.domain.peers.call("kms", operation_, params, account=key.account, region=key.region)


def _allow(
    call: Call, key: Key, action: str, context: str = "EncryptionContext", member: str = "KeyId"
) -> None:
    use = Use(f"kms:{action}", call.params.get(context, {}), alias=named_by(call, member))
    call.domain.keys.demand(call.caller, key, use)


def _register(name: str) -> None:
    def use(call: Call) -> dict[str, Any]:
        key = key_of(call)
        _allow(call, key, name)
        refuse_dry_run(call)
        return ask_moto(call, key, name, {**call.params, "KeyId": key.id})

    operation("kms", name)(use)


@operation("kms", "Encrypt")
def encrypt(call: Call) -> dict[str, Any]:
    """Encrypt up to 4 KB."""
    key = key_of(call)
    _allow(call, key, "Encrypt")
    refuse_dry_run(call)
    answer = ask_moto(call, key, "Encrypt", {**call.params, "KeyId": key.id})
    return {"EncryptionAlgorithm": call.params.get("EncryptionAlgorithm", _SYMMETRIC), **answer}


@operation("kms", "Decrypt")
def decrypt(call: Call) -> dict[str, Any]:
    """Decrypt; the ciphertext tells its key."""
    key = _holder(call, "CiphertextBlob", "KeyId")
    _allow(call, key, "Decrypt")
    refuse_dry_run(call)
    answer = ask_moto(call, key, "Decrypt", {**call.params, "KeyId": key.id})
    return {"EncryptionAlgorithm": call.params.get("EncryptionAlgorithm", _SYMMETRIC), **answer}


@operation("kms", "ReEncrypt")
def re_encrypt(call: Call) -> dict[str, Any]:
    """Decrypt with one key and encrypt with another, which may be another account's."""
    params = call.params
    source = _holder(call, "CiphertextBlob", "SourceKeyId")
    target = key_of(call, "DestinationKeyId")
    _allow(call, source, "ReEncryptFrom", "SourceEncryptionContext", "SourceKeyId")
    _allow(call, target, "ReEncryptTo", "DestinationEncryptionContext", "DestinationKeyId")
    refuse_dry_run(call)
    old, new = params.get("SourceEncryptionContext", {}), params.get("DestinationEncryptionContext", {})
    sealed = {"KeyId": source.id, "CiphertextBlob": params["CiphertextBlob"], "EncryptionContext": old}
    plain = ask_moto(call, source, "Decrypt", sealed)["Plaintext"]
    opened = {"KeyId": target.id, "Plaintext": plain, "EncryptionContext": new}
    return {
        "CiphertextBlob": ask_moto(call, target, "Encrypt", opened)["CiphertextBlob"],
        "SourceKeyId": source.arn,
        "KeyId": target.arn,
        "SourceEncryptionAlgorithm": _SYMMETRIC,
        "DestinationEncryptionAlgorithm": _SYMMETRIC,
    }


def _holder(call: Call, blob: str, member: str) -> Key:
    """The key of a ciphertext; when the request names one it must be that."""
    if not call.params.get(blob):  # the model has it optional, for dry runs by the key alone
        raise Invalid(f"The sandbox decrypts what it is given only: {blob} is missing")
    named = key_of(call, member) if call.params.get(member) else None
    key = call.domain.keys.holder(call.params[blob])
    if key is None or key.region != call.region:
        raise DomainError("", code="InvalidCiphertextException", status=400)
    if named is not None and named.arn != key.arn:
        text = "The key ID in the request does not identify a CMK that can perform this operation."
        raise DomainError(text, code="IncorrectKeyException", status=400)
    return key


for _name in _PLAIN:
    _register(_name)

"""Finds keys, and decides who may use them."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.keys.model import Grant, Key, Use
from ropeway.sandbox.domain.keys.ports import KeyRecords
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.policy.principals import names

__all__ = ["Keys", "missing", "split"]

_USABLE = "Enabled"


class Keys:
    """The keys of all accounts, and who may use them."""

    def __init__(self, records: KeyRecords) -> None:
        self._records = records

    def find(self, ref: str, account: str, region: str) -> Key:
        """The key that a caller names.

        Args:
            ref: an id or alias of the caller's account, or an ARN of a key or alias of any.
            account: the caller's.
            region: where the call goes.

        Raises:
            DomainError: ``NotFoundException``; for another account's, ``AccessDeniedException``.
        """
        owner, place, name = split(ref, account, region)
        key = self._records.key(owner, region, name) if place == region else None
        if key is None:
            raise missing(ref, account, region)
        return key

    def holder(self, ciphertext: bytes) -> Key | None:
        """The key that a ciphertext was made with."""
        return self._records.key_of(ciphertext)

    def demand(self, who: Caller, key: Key, use: Use) -> None:
        """Refuse a use that is not allowed, or that the key's state does not let happen.

        Raises:
            DomainError: ``AccessDeniedException``, ``DisabledException`` or ``KMSInvalidStateException``.
        """
        self.allow(who, key, use)
        self.usable(key)

    def allow(self, who: Caller, key: Key, use: Use) -> None:
        """Refuse a use that neither the policy nor a grant allows.

        Raises:
            DomainError: ``AccessDeniedException``.
        """
        decision = self._decide(who, key, use)
        if decision is not Decision.ALLOW:
            raise _denied(who, key, use, decision)

    def usable(self, key: Key) -> None:
        """Refuse a key that is switched off or going.

        Raises:
            DomainError: ``DisabledException`` or ``KMSInvalidStateException``.
        """
        if key.state == "Disabled":
            raise DomainError(f"{key.arn} is disabled.", code="DisabledException", status=400)
        if key.state != _USABLE:
            told = "pending deletion" if key.state == "PendingDeletion" else f"in state {key.state}"
            raise DomainError(f"{key.arn} is {told}.", code="KMSInvalidStateException", status=400)

    def _decide(self, who: Caller, key: Key, use: Use) -> Decision:
        decision = evaluate(
            key.policy,
            principal_arn=who.arn,
            principal_account=who.account,
            action=use.action,
            resource=key.arn,
            context=_context(who, key, use),
        )
        if decision is Decision.NONE and any(_granted(grant, who, use) for grant in key.grants):
            return Decision.ALLOW
        return decision


def split(ref: str, account: str, region: str) -> tuple[str, str, str]:
    """A key's name as (account, region, id or ``alias/…``)."""
    if not ref.startswith("arn:"):
        return account, region, ref
    parts = ref.split(":", 5)
    if len(parts) != 6 or parts[2] != "kms":
        return account, region, ref
    return parts[4], parts[3], parts[5].removeprefix("key/")


def missing(ref: str, account: str, region: str) -> DomainError:
    """There is no such key; whoever asks for another account's hears that they may not."""
    owner, place, name = split(ref, account, region)
    if owner != account:
        return DomainError(
            f"The key {ref} does not exist, is not in this region, or its policy does not allow access.",
            code="AccessDeniedException",
            status=400,
        )
    if place != region:
        return DomainError(f"Invalid arn {place}", code="NotFoundException", status=400)
    if name.startswith("alias/"):
        text = f"Alias arn:aws:kms:{place}:{owner}:{name} is not found."
    else:
        text = f"Key 'arn:aws:kms:{place}:{owner}:key/{name}' does not exist"
    return DomainError(text, code="NotFoundException", status=400)


def _context(who: Caller, key: Key, use: Use) -> dict[str, str | Sequence[str]]:
    context: dict[str, str | Sequence[str]] = {
        "kms:CallerAccount": who.account,
        "kms:KeySpec": key.spec,
        "kms:KeyUsage": key.usage,
        "kms:KeyOrigin": "AWS_KMS",
        "aws:ResourceAccount": key.account,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "true" if use.via else "false",
    }
    if use.via:
        context["kms:ViaService"] = use.via
        context["aws:CalledVia"] = [use.via.partition(".")[0] + ".amazonaws.com"]
    if key.aliases:
        context["kms:ResourceAliases"] = list(key.aliases)
    if use.alias:
        context["kms:RequestAlias"] = use.alias
    if use.encryption_context:
        context["kms:EncryptionContextKeys"] = list(use.encryption_context)
    for name, value in use.encryption_context.items():
        context[f"kms:EncryptionContext:{name}"] = value
    return {**context, **use.facts}


def _granted(grant: Grant, who: Caller, use: Use) -> bool:
    if use.action.removeprefix("kms:") not in grant.operations:
        return False
    if not names({"AWS": grant.grantee, "Service": grant.grantee}, who.arn, who.account):
        return False
    given = use.encryption_context
    for kind, wanted in grant.constraints.items():
        subset = all(given.get(name) == value for name, value in wanted.items())
        if not subset or (kind == "EncryptionContextEquals" and len(given) != len(wanted)):
            return False
    return True


def _denied(who: Caller, key: Key, use: Use, decision: Decision) -> DomainError:
    if who.account != key.account:
        why = (
            "because the resource does not exist in this Region, no resource-based policies allow access, or a "
            "resource-based policy explicitly denies access"
        )
    elif decision is Decision.DENY:
        why = "with an explicit deny in a resource-based policy"
    else:
        why = f"because no resource-based policy allows the {use.action} action"
    return DomainError(
        f"User: {who.arn} is not authorized to perform: {use.action} on resource: {key.arn} {why}",
        code="AccessDeniedException",
        status=400,
    )

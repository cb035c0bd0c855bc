"""Keys as the decision about their use needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Grant", "Key", "Use"]


@dataclass(frozen=True)
class Grant:
    """Lets one principal do some things.

    Attributes:
        grantee: a principal's ARN, or a service's name.
        operations: ``Decrypt``, ``GenerateDataKey``, …
        constraints: ``EncryptionContextSubset`` or ``EncryptionContextEquals`` with what it must be.
    """

    grantee: str
    operations: Sequence[str]
    constraints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        state: ``Enabled``, ``Disabled``, ``PendingDeletion``, …
        policy: its document; empty where it is none.
        spec: ``SYMMETRIC_DEFAULT``, ``RSA_2048``, …
        service: the service that AWS keeps it for (``s3``); empty for a customer's.
        aliases: the names that lead to it.
    """

    id: str
    arn: str
    account: str
    region: str
    state: str
    policy: Mapping[str, Any]
    grants: Sequence[Grant] = ()
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    service: str = ""
    aliases: Sequence[str] = ()


@dataclass(frozen=True)
class Use:
    """What is done with a key.

    Attributes:
        action: ``kms:Decrypt``.
        encryption_context: what the ciphertext is bound to.
        via: the service that asks for its caller (``s3.eu-west-1.amazonaws.com``); empty for a call to KMS.
        alias: how the key was named, when by an alias.
        facts: further condition keys of the call.
    """

    action: str
    encryption_context: Mapping[str, str] = field(default_factory=dict)
    via: str = ""
    alias: str = ""
    facts: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

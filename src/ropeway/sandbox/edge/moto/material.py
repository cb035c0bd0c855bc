"""The material of moto's KMS keys: made quickly, and kept.

moto gives every key, a symmetric one too, an RSA key that takes a tenth of a second to make and is never used. The
keys of a platform, some twenty, would take seconds whenever they are made or made again. ``QuickKeys``, which moto's
registry of backends is told to make its KMS of, spares that.

A key's material comes from the machine's randomness and not from moto's, so a call that is made again makes another.
The journal therefore keeps the material with the call that made it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from moto.kms import urls
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.utils import KeySpec

__all__ = ["install", "of_newest", "put_back"]

_QUICK = KeySpec.ECC_NIST_P256.value
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_PRIVATE = " private"  # after a key's ARN: what it signs with


class QuickKeys(KmsBackend):
    """The keys of an account and region."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto would look for them beside this module

    def create_key(
        self,
        policy: str | None,
        key_usage: str | None,
        key_spec: str,
        *options: Any,
        **named: Any,
    ) -> Key:
        """Make a key; one that never signs by pairs without a pair that is slow to make."""
        wanted = key_spec or _SYMMETRIC
        key_usage = key_usage or "ENCRYPT_DECRYPT"  # AWS's default, which moto leaves out
        if not _is_symmetric(wanted):
            return super().create_key(policy, key_usage, key_spec, *options, **named)
        made = super().create_key(policy, key_usage, _QUICK, *options, **named)
        made.key_spec = wanted
        return made


def install() -> None:
    """Have moto make its keys here."""
    kms_backends.backend = QuickKeys


def of_newest(account: str) -> Mapping[str, str]:
    """The material of the last key of each region of an account, by what it belongs to."""
    facts = {}
    for key in _newest(account):
        facts[key.arn] = base64.b64encode(key.key_material).decode()
        if not _is_symmetric(key.key_spec):
            pair = key.private_key.private_key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            facts[key.arn + _PRIVATE] = base64.b64encode(pair).decode()
    return facts


def put_back(facts: Mapping[str, str], account: str) -> None:
    """Give keys that were made again the material that they had."""
    for key in _newest(account) if facts else ():
        if key.arn in facts:
            key.key_material = base64.b64decode(facts[key.arn])
        if key.arn + _PRIVATE in facts:
            pair = base64.b64decode(facts[key.arn + _PRIVATE])
            key.private_key.private_key = serialization.load_der_private_key(pair, password=None)


def _is_symmetric(spec: str) -> bool:
    return spec == _SYMMETRIC or spec.startswith("HMAC_")


def _newest(account: str) -> Iterable[Any]:
    for backend in list(kms_backends[account].values()):
        if backend.keys:
            yield backend.keys[next(reversed(backend.keys))]

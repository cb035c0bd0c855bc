"""Which key encrypts an object, and whether the caller may use it.

A write takes the key that its request names, else the bucket's default, else S3's own (``AES256``), which everybody
may use. Writing with a key needs ``kms:GenerateDataKey``, reading ``kms:Decrypt``, an upload in parts both; S3
asks KMS for the caller, so the key's policy sees ``kms:ViaService``. A key that is named without an account is looked
for in the caller's, as AWS does for a default that is an alias. ``aws:kms`` without a key is the managed key of the
caller's account, which nobody else can decrypt with.

Contents lie in the store as they are: what is kept apart is who gets them, not the bytes on the disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.keys.model import Use
from ropeway.sandbox.domain.keys.service import Keys
from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.access import Requester
from ropeway.sandbox.domain.objects.model import Bucket
from ropeway.sandbox.domain.objects.ports import BucketRows

__all__ = ["Encryption", "encryption_told"]

_DECRYPT = "kms:Decrypt"
_GENERATE = "kms:GenerateDataKey"
_KMS = {"aws:kms", "aws:kms:dsse"}
_OWN = "AES256"
_MANAGED = "alias/aws/s3"
_MEMBERS = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")


class Encryption:
    """Decides, for objects of all buckets."""

    def __init__(self, keys: Keys, buckets: BucketRows) -> None:
        self._keys = keys
        self._buckets = buckets

    def choose(
        self, who: Requester, bucket: Bucket, key: str, attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A new object's attributes, with the encryption that it gets.

        Args:
            who: the writer, who must be allowed to encrypt with the key.
            bucket: where the object goes.
            key: the object's.
            attributes: what the request sets; ``ServerSideEncryption``, ``SSEKMSKeyId`` and ``BucketKeyEnabled`` count.

        Raises:
            DomainError: the request contradicts itself, ``AccessDenied``, or the key is not to be used (``KMS.…``).
        """
        plain = {name: value for name, value in attributes.items() if name not in _MEMBERS}
        asked = {name: attributes[name] for name in _MEMBERS if name in attributes}
        _check(asked)
        if "ServerSideEncryption" not in asked:
            asked = {**self._default(bucket), **asked}
        if asked.get("ServerSideEncryption") not in _KMS:
            return {**plain, **asked}
        named = asked.get("SSEKMSKeyId") or _MANAGED
        arn = self._use(who, bucket, key, named, _GENERATE, asked)
        return {**plain, **asked, "SSEKMSKeyId": arn}

    def check(self, who: Requester, bucket: Bucket, key: str, attributes: Mapping[str, Any]) -> None:
        """Refuse who may not decrypt an object, or go on with an upload, of these attributes.

        Raises:
            DomainError: ``AccessDenied``, or the key is not to be used.
        """
        named = attributes.get("SSEKMSKeyId")
        if named is not None and attributes.get("ServerSideEncryption") in _KMS:
            self._use(who, bucket, key, named, _DECRYPT, attributes)

    def _default(self, bucket: Bucket) -> dict[str, Any]:
        document = self._buckets.document(bucket, "encryption") or {}
        for rule in document.get("Rules", ()):
            default = rule.get("ApplyServerSideEncryptionByDefault", {})
            if default.get("SSEAlgorithm") in _KMS:
                chosen = {"ServerSideEncryption": default["SSEAlgorithm"]}
                if default.get("KMSMasterKeyID"):
                    chosen["SSEKMSKeyId"] = default["KMSMasterKeyID"]
                return {**chosen, "BucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else chosen
        return {}

    def _use(
        self, who: Requester, bucket: Bucket, key: str, named: str, action: str, attributes: Mapping[str, Any]
    ) -> str:
        if who.caller.anonymous:
            text = (
                "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature "
                "Version 4."
            )
            raise faults.invalid_argument(text, "Authorization", "null")
        about = bucket.arn if attributes.get("BucketKeyEnabled") else f"{bucket.arn}/{key}"
        use = Use(
            action,
            {"aws:s3:arn": about},
            via=f"s3.{bucket.region}.amazonaws.com",
            alias=named if named.startswith("alias/") else "",
        )
        try:
            found = self._keys.find(named, who.caller.account, bucket.region)
            self._keys.demand(who.caller, found, use)
        except DomainError as error:
            raise _as_s3(error) from error
        return found.arn


def encryption_told(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What answers tell of an object's encryption."""
    return {
        "ServerSideEncryption": attributes.get("ServerSideEncryption", _OWN),
        "SSEKMSKeyId": attributes.get("SSEKMSKeyId"),
        "BucketKeyEnabled": attributes.get("BucketKeyEnabled") or None,
    }


def _check(asked: Mapping[str, Any]) -> None:
    algorithm = asked.get("ServerSideEncryption")
    if algorithm is not None and algorithm not in {*_KMS, _OWN}:
        text = "The encryption method specified is not supported"
        raise faults.invalid_argument(text, "x-amz-server-side-encryption", algorithm)
    if "SSEKMSKeyId" in asked and algorithm not in _KMS:
        text = (
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms"
        )
        raise faults.invalid_argument(text, "x-amz-server-side-encryption", str(algorithm))


def _as_s3(error: DomainError) -> DomainError:
    """KMS's refusal as S3 passes it on."""
    if error.code == "AccessDeniedException":
        return faults.denied(error.message)
    return faults.refused(f"KMS.{error.code}", error.message)

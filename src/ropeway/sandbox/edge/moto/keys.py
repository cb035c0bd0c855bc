"""moto's KMS keys as the decision about their use needs them; read where they are, as every S3 request may ask.

Nothing is made by asking: moto makes an AWS managed key (``alias/aws/s3``) when it is first described, under an id of
chance that no journal knows. Here such a key has the id that moto's list of aliases tells, and AWS's policy.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ropeway.sandbox.domain.keys.model import Grant, Key

__all__ = ["find", "find_holder"]

_AWS = "alias/aws/"
_ID_LENGTH = 36  # moto's ciphertexts begin with the id of their key
_log = logging.getLogger(__name__)


def find(account: str, region: str, ref: str) -> Key | None:
    """A key by its id or alias."""
    from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS as MANAGED  # noqa: PLC0415 - heavy, as all of moto

    alias = ref if ref.startswith(_AWS) else next((name for name, id_ in MANAGED.items() if id_ == ref), None)
    if alias is not None:
        return _managed(account, region, alias, MANAGED[alias]) if alias in MANAGED else None
    keys = _keys(account, region)
    if ref.startswith("alias/"):
        found = next((key for key in list(keys.values()) if ref in key.aliases), None)
    else:
        found = keys.get(ref)
    return None if found is None else _told(found)


def find_holder(ciphertext: bytes) -> Key | None:
    """The key that a ciphertext was made with."""
    from moto.kms.models import kms_backends  # noqa: PLC0415

    name = ciphertext[:_ID_LENGTH].decode("ascii", "replace")
    for regions in list(kms_backends.values()):
        for backend in list(regions.values()):
            if name in backend.keys:
                return _told(backend.keys[name])
    return None


def _keys(account: str, region: str) -> Mapping[str, Any]:
    from moto.kms.models import kms_backends  # noqa: PLC0415

    # By dict's own get: moto's way to ask makes what is not there.
    regions = dict.get(kms_backends, account)
    backend = None if regions is None else dict.get(regions, region)
    return {} if backend is None else backend.keys


def _told(key: Any) -> Key:
    aliases = tuple(key.aliases)
    managed = next((alias for alias in aliases if alias.startswith(_AWS)), None)
    if managed is not None:
        return _managed(key.account_id, key.region, managed, key.id)
    grants = [
        Grant(grant.grantee_principal, tuple(grant.operations), grant.constraints or {})
        for grant in list(key.grants.values())
    ]
    return Key(
        id=key.id,
        arn=key.arn,
        account=key.account_id,
        region=key.region,
        state=key.key_state,
        policy=_document(key.policy),
        grants=grants,
        spec=key.key_spec,
        usage=key.key_usage or "ENCRYPT_DECRYPT",
        aliases=aliases,
    )


@lru_cache(maxsize=1024)
def _document(policy: str) -> Mapping[str, Any]:
    try:
        document = json.loads(policy)
    except ValueError:
        _log.warning("a key's policy is no JSON and lets in nobody: %s", policy[:200])
        return {}
    return document if isinstance(document, Mapping) else {}


def _managed(account: str, region: str, alias: str, id_: str) -> Key:
    service = alias.removeprefix(_AWS)
    use: Sequence[str] = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
    policy = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [
            {
                "Sid": f"Allow use through {service} by the account's own principals",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [*use, "kms:CreateGrant", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:CallerAccount": account,
                        "kms:ViaService": f"{service}.{region}.amazonaws.com",
                    }
                },
            },
            {
                "Sid": "Allow direct access to the key's metadata",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    }
    arn = f"arn:aws:kms:{region}:{account}:key/{id_}"
    return Key(id_, arn, account, region, "Enabled", policy, service=service, aliases=(alias,))

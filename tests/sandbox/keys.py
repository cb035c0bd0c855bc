"""Key policies as `terraform/modules/keys` writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["root", "shaped"]

_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def root(account: str) -> str:
    """An account, as policies name it."""
    return f"arn:aws:iam::{account}:root"


def _statement(sid: str, principal: dict[str, Any], actions: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": "*",
        **more,
    }


def shaped(
    account: str, *, users: Sequence[str] = (), readers: Sequence[str] = (), services: Sequence[str] = ()
) -> str:
    """A key's policy: the account administers; users, readers and services use."""
    statements = [_statement("Administration", {"AWS": root(account)}, ["kms:*"])]
    if users:
        grants = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        make = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        statements.append(_statement("Use", {"AWS": list(users)}, _USE))
        statements.append(_statement("GrantsForAwsResources", {"AWS": list(users)}, make, Condition=grants))
    if readers:
        statements.append(_statement("Read", {"AWS": list(readers)}, ["kms:Decrypt", "kms:DescribeKey"]))
    if services:
        own = {"StringEqualsIfExists": {"aws:SourceAccount": account}}
        actions = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
        statements.append(_statement("Services", {"Service": list(services)}, actions, Condition=own))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

"""Who may use a key: policies, grants, states, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.keys.model import Grant, Key, Use
from ropeway.sandbox.domain.keys.service import Keys, split
from tests.fakes.keys import FakeKeys

OWNER, OTHER = "111111111111", "222222222222"
ARN = f"arn:aws:kms:eu-west-1:{OWNER}:key/k"
DECRYPT = Use("kms:Decrypt")


def key(*statements: dict[str, Any], state: str = "Enabled", grants: tuple[Grant, ...] = ()) -> Key:
    whole = [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **each} for each in statements]
    policy = {"Version": "2012-10-17", "Statement": whole}
    return Key("k", ARN, OWNER, "eu-west-1", state, policy, grants, aliases=("alias/a",))


def root(account: str) -> Caller:
    return Caller(account, f"arn:aws:iam::{account}:root", account, account)


def session(account: str, role: str) -> Caller:
    return Caller(account, f"arn:aws:sts::{account}:assumed-role/{role}/s", role, "ASIA")


def error(held: Key, who: Caller, use: Use = DECRYPT) -> str:
    """The code of a refusal, or nothing."""
    try:
        Keys(FakeKeys(held)).demand(who, held, use)
    except DomainError as refused:
        return refused.code
    return ""


def test_an_account_s_entry_lets_in_all_of_it_and_a_role_s_only_the_role() -> None:
    account = key({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}})
    assert error(account, session(OTHER, "r")) == error(account, root(OTHER)) == ""
    assert error(account, root(OWNER)) == "AccessDeniedException"
    role = key({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/path/r"}})
    assert error(role, session(OTHER, "r")) == ""
    assert error(role, session(OTHER, "q")) == error(role, root(OTHER)) == "AccessDeniedException"


def test_a_denial_wins_over_policy_and_grant() -> None:
    everybody = {"Principal": "*"}
    denied = {"Effect": "Deny", "Principal": {"AWS": OTHER}}
    grant = Grant(f"arn:aws:iam::{OTHER}:root", ["Decrypt"])
    assert error(key(everybody, denied, grants=(grant,)), root(OTHER)) == "AccessDeniedException"
    assert error(key(everybody, denied), root(OWNER)) == ""


@pytest.mark.parametrize(
    ("constraints", "context", "fits"),
    [
        ({}, {}, True),
        ({"EncryptionContextSubset": {"a": "1"}}, {"a": "1", "b": "2"}, True),
        ({"EncryptionContextSubset": {"a": "1"}}, {"a": "2"}, False),
        ({"EncryptionContextEquals": {"a": "1"}}, {"a": "1"}, True),
        ({"EncryptionContextEquals": {"a": "1"}}, {"a": "1", "b": "2"}, False),
    ],
)
def test_grants_are_bound_to_contexts(
    constraints: dict[str, dict[str, str]], context: dict[str, str], fits: bool
) -> None:
    held = key(grants=(Grant(f"arn:aws:iam::{OTHER}:role/r", ["Decrypt"], constraints),))
    who = session(OTHER, "r")
    assert (error(held, who, Use("kms:Decrypt", context)) == "") is fits
    assert error(held, who, Use("kms:Encrypt", context)) == "AccessDeniedException"


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, True),
        ({"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}}, False),
        ({"StringEquals": {"kms:CallerAccount": OTHER}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": OWNER}}, False),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/r*"}}, True),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}, True),
        ({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::data/*"}}, True),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn"]}}, True),
        ({"Bool": {"aws:ViaAWSService": "true"}}, True),
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, False),
    ],
)
def test_conditions_see_what_s3_tells(condition: dict[str, Any], fits: bool) -> None:
    held = key({"Principal": "*", "Condition": condition})
    context = {"aws:s3:arn": "arn:aws:s3:::data/k"}
    use = Use("kms:Decrypt", context, via="s3.eu-west-1.amazonaws.com")
    assert (error(held, session(OTHER, "role-r" if "r*" not in str(condition) else "r1"), use) == "") is fits


def test_states_are_told_to_those_who_may_and_to_nobody_else() -> None:
    mine = {"Principal": {"AWS": OWNER}}
    assert error(key(mine, state="Disabled"), root(OWNER)) == "DisabledException"
    assert error(key(mine, state="PendingDeletion"), root(OWNER)) == "KMSInvalidStateException"
    assert error(key(mine, state="Disabled"), root(OTHER)) == "AccessDeniedException"


def test_keys_are_found_by_id_alias_and_arn_of_their_region() -> None:
    held = key()
    keys = Keys(FakeKeys(held))
    for name in ("k", "alias/a", ARN, f"arn:aws:kms:eu-west-1:{OWNER}:alias/a"):
        assert keys.find(name, OWNER, "eu-west-1") is held
    assert keys.find(ARN, OTHER, "eu-west-1") is held
    for name, account, region in (
        ("k", OTHER, "eu-west-1"),
        ("alias/b", OWNER, "eu-west-1"),
        (ARN, OWNER, "us-east-1"),
        (ARN + "x", OTHER, "eu-west-1"),
        ("arn:aws:iam::1:x", OWNER, "eu-west-1"),
    ):
        with pytest.raises(DomainError) as refused:
            keys.find(name, account, region)
        foreign = split(name, account, region)[0] != account
        assert refused.value.code == ("AccessDeniedException" if foreign else "NotFoundException")

"""What a resource policy decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ropeway.sandbox.domain.policy import Decision, check, evaluate

ROLE = "arn:aws:sts::222222222222:assumed-role/Reader/job"
USER = "arn:aws:iam::222222222222:user/team/ana"
BUCKET = "arn:aws:s3:::data"
OBJECT = f"{BUCKET}/train/part.csv"


def _decide(
    statement: Mapping[str, Any] | list[Mapping[str, Any]],
    principal: str = ROLE,
    account: str = "222222222222",
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    context: Mapping[str, str | Sequence[str]] | None = None,
    version: str = "2012-10-17",
) -> Decision:
    policy = {"Version": version, "Statement": statement}
    check(policy)
    return evaluate(
        policy,
        principal_arn=principal,
        principal_account=account,
        action=action,
        resource=resource,
        context=context or {},
    )


def _allow(**members: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    for name in ("Principal", "Action", "Resource"):
        if f"Not{name}" in members:
            del base[name]
    return {**base, **members}


def _deny(**members: Any) -> dict[str, Any]:
    return _allow(**{"Effect": "Deny", **members})


def test_a_statement_that_fits_allows() -> None:
    assert _decide(_allow()) is Decision.ALLOW


def test_a_deny_wins_over_an_allow_in_either_order() -> None:
    assert _decide([_allow(), _deny()]) is Decision.DENY
    assert _decide([_deny(), _allow()]) is Decision.DENY


def test_a_policy_without_a_fitting_statement_says_nothing() -> None:
    assert _decide(_allow(Action="s3:PutObject")) is Decision.NONE


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": "222222222222"},
        {"AWS": "arn:aws:iam::222222222222:root"},
        {"AWS": ["333333333333", "arn:aws:iam::222222222222:role/Reader"]},
        {"AWS": "arn:aws:iam::222222222222:role/service-role/Reader"},
        {"AWS": ROLE},
    ],
)
def test_a_session_of_a_role_is_named_by_itself_its_role_and_its_account(principal: Any) -> None:
    assert _decide(_allow(Principal=principal)) is Decision.ALLOW


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "333333333333"},
        {"AWS": "arn:aws:iam::333333333333:role/Reader"},
        {"AWS": "arn:aws:iam::222222222222:role/Writer"},
        {"AWS": "arn:aws:iam::222222222222:user/Reader"},
        {"AWS": "arn:aws:sts::222222222222:assumed-role/Reader/other"},
        {"Service": "events.amazonaws.com"},
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
    ],
)
def test_other_principals_do_not_name_it(principal: Any) -> None:
    assert _decide(_allow(Principal=principal)) is Decision.NONE


def test_a_user_is_named_by_its_arn() -> None:
    assert _decide(_allow(Principal={"AWS": USER}), principal=USER) is Decision.ALLOW


def test_a_service_is_named_by_its_name_and_not_by_an_account() -> None:
    statement = _allow(Principal={"Service": ["events.amazonaws.com", "states.amazonaws.com"]})
    assert _decide(statement, principal="states.amazonaws.com", account="") is Decision.ALLOW
    assert _decide(statement, principal="sns.amazonaws.com", account="") is Decision.NONE


def test_an_anonymous_caller_is_only_everybody() -> None:
    assert _decide(_allow(), principal="", account="") is Decision.ALLOW
    assert _decide(_allow(Principal={"AWS": "*"}), principal="", account="") is Decision.ALLOW
    assert _decide(_allow(Principal={"AWS": "222222222222"}), principal="", account="") is Decision.NONE
    assert (
        _decide(_allow(Principal={"Service": "x.amazonaws.com"}), principal="", account="") is Decision.NONE
    )


def test_not_principal_is_everybody_else() -> None:
    statement = _deny(NotPrincipal={"AWS": "222222222222"})
    assert _decide(statement) is Decision.NONE
    assert _decide(statement, principal="arn:aws:iam::1:root", account="111111111111") is Decision.DENY


@pytest.mark.parametrize("action", ["s3:GetObject", "S3:getobject", "s3:Get*", "s3:?etObject", "*", "s3:*"])
def test_actions_match_with_wildcards_in_any_case(action: str) -> None:
    assert _decide(_allow(Action=["s3:PutObject", action])) is Decision.ALLOW


def test_not_action_is_every_other_action() -> None:
    statement = _allow(NotAction="s3:Delete*")
    assert _decide(statement) is Decision.ALLOW
    assert _decide(statement, action="s3:DeleteObject") is Decision.NONE


def test_resources_match_with_wildcards_in_their_case() -> None:
    assert _decide(_allow(Resource=f"{BUCKET}/train/*.csv")) is Decision.ALLOW
    assert _decide(_allow(Resource=f"{BUCKET}/TRAIN/*")) is Decision.NONE
    assert _decide(_allow(Resource=[BUCKET, f"{BUCKET}/train/part.cs?"])) is Decision.ALLOW
    assert _decide(_allow(Resource=f"{BUCKET}/train/[a-z]*.csv")) is Decision.NONE


def test_not_resource_is_every_other_resource() -> None:
    statement = _allow(NotResource=f"{BUCKET}/secret/*")
    assert _decide(statement) is Decision.ALLOW
    assert _decide(statement, resource=f"{BUCKET}/secret/a") is Decision.NONE


def test_a_trust_policy_is_about_its_role() -> None:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
    check(trust, resource=False)
    decision = evaluate(
        trust,
        principal_arn=ROLE,
        principal_account="2" * 12,
        action="sts:AssumeRole",
        resource="",
        context={},
    )
    assert decision is Decision.ALLOW


def test_a_variable_stands_for_the_callers_name() -> None:
    statement = _allow(Resource=f"{BUCKET}/${{aws:username}}/*")
    assert _decide(statement, principal=USER, resource=f"{BUCKET}/ana/x") is Decision.ALLOW
    assert _decide(statement, principal=USER, resource=f"{BUCKET}/bob/x") is Decision.NONE
    assert _decide(statement, principal=ROLE, resource=f"{BUCKET}//x") is Decision.NONE, (
        "a role has no username"
    )


def test_a_variable_may_have_a_default() -> None:
    statement = _allow(Resource=f"{BUCKET}/${{aws:username, 'nobody'}}/*")
    assert _decide(statement, resource=f"{BUCKET}/nobody/x") is Decision.ALLOW
    assert _decide(statement, principal=USER, resource=f"{BUCKET}/ana/x") is Decision.ALLOW


def test_wildcards_in_a_variables_value_are_letters() -> None:
    statement = _allow(Resource=f"{BUCKET}/${{aws:SourceIdentity}}/*")
    assert _decide(statement, context={"aws:SourceIdentity": "*"}) is Decision.NONE
    context = {"aws:SourceIdentity": "*"}
    assert _decide(statement, resource=f"{BUCKET}/*/x", context=context) is Decision.ALLOW


def test_escaped_wildcards_are_letters() -> None:
    statement = _allow(Resource=f"{BUCKET}/${{*}}")
    assert _decide(statement) is Decision.NONE
    assert _decide(statement, resource=f"{BUCKET}/*") is Decision.ALLOW


def test_old_policies_have_no_variables() -> None:
    statement = _allow(Resource=f"{BUCKET}/${{aws:username}}")
    assert _decide(statement, principal=USER, resource=f"{BUCKET}/ana", version="2008-10-17") is Decision.NONE
    text = f"{BUCKET}/${{aws:username}}"
    assert _decide(statement, principal=USER, resource=text, version="2008-10-17") is Decision.ALLOW


def test_conditions_know_who_calls() -> None:
    by_role = {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/Reader"}}
    assert _decide(_allow(Condition=by_role)) is Decision.ALLOW
    by_kind = {"StringEquals": {"aws:PrincipalType": ["User", "Account"]}}
    assert _decide(_allow(Condition=by_kind)) is Decision.NONE
    assert _decide(_allow(Condition=by_kind), principal=USER) is Decision.ALLOW
    assert _decide(_allow(Condition=by_kind), principal="arn:aws:iam::222222222222:root") is Decision.ALLOW
    anonymous = {"StringEquals": {"aws:PrincipalType": "Anonymous"}}
    assert _decide(_allow(Condition=anonymous), principal="", account="") is Decision.ALLOW
    assert _decide(_allow(Condition=anonymous), principal="sns.amazonaws.com", account="") is Decision.NONE


def test_a_plain_request_is_denied_where_tls_is_demanded() -> None:
    statement = _deny(Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert _decide([_allow(), statement], context={"aws:SecureTransport": "false"}) is Decision.DENY
    assert _decide([_allow(), statement], context={"aws:SecureTransport": "true"}) is Decision.ALLOW

"""What policies decide together."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.identity.attached import Attached
from ropeway.sandbox.domain.identity.simulate import NamedPolicy, Question, missing_keys, simulate

ROLE = "arn:aws:iam::111111111111:role/R"
QUESTION = Question(ROLE, "111111111111", "s3:GetObject", "arn:aws:s3:::b/k")


def policy(effect: str, name: str = "p", **more: Any) -> NamedPolicy:
    statement = {"Effect": effect, "Action": "s3:*", "Resource": "*", **more}
    return NamedPolicy(name, "role", {"Version": "2012-10-17", "Statement": [statement]})


ALLOW, DENY, OTHER = policy("Allow", "a"), policy("Deny", "d"), policy("Allow", "o", Action="sqs:*")
RESOURCE = NamedPolicy(
    "r",
    "resource",
    {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}},
)


@pytest.mark.parametrize(
    ("identity", "boundary", "resource", "decision", "matched"),
    [
        ([ALLOW], [], None, "allowed", ["a"]),
        ([OTHER], [], None, "implicitDeny", []),
        ([], [], None, "implicitDeny", []),
        ([ALLOW, DENY], [], None, "explicitDeny", ["d"]),
        ([ALLOW], [OTHER], None, "implicitDeny", []),
        ([ALLOW], [DENY], None, "explicitDeny", ["d"]),
        ([ALLOW], [ALLOW], None, "allowed", ["a"]),
        ([], [], RESOURCE, "allowed", ["r"]),
        ([ALLOW], [OTHER], RESOURCE, "allowed", ["r"]),
        ([DENY], [], RESOURCE, "explicitDeny", ["d"]),
    ],
)
def test_a_deny_wins_and_a_boundary_binds(
    identity: list[NamedPolicy],
    boundary: list[NamedPolicy],
    resource: NamedPolicy | None,
    decision: str,
    matched: list[str],
) -> None:
    verdict = simulate(QUESTION, identity, boundary=boundary, resource_policy=resource)
    assert (verdict.decision, [each.name for each in verdict.matched]) == (decision, matched)
    assert (verdict.within_boundary is None) == (not boundary)


def test_two_policies_of_one_name_both_count() -> None:
    twin = NamedPolicy("a", "user-managed", DENY.document)
    assert simulate(QUESTION, [twin, ALLOW]).decision == "explicitDeny"


def test_keys_that_are_asked_for_and_not_given_are_named() -> None:
    condition = {"StringEquals": {"s3:Prefix": "x", "aws:PrincipalArn": ROLE}, "Bool": {"a:B": "true"}}
    assert missing_keys([policy("Allow", Condition=condition)], {"S3:PREFIX": ["x"]}) == ["a:B"]


class Iam:
    """One role and one user, as IAM tells of them; implements ``Peers``."""

    def call(self, service: str, operation: str, params: Any, *, account: str, region: str) -> dict[str, Any]:
        document = "%7B%22Statement%22%3A%20%5B%5D%7D"
        answers: dict[str, dict[str, Any]] = {
            "ListRolePolicies": {"PolicyNames": ["inline"]},
            "GetRolePolicy": {"PolicyDocument": document},
            "ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/M"}]},
            "GetPolicy": {"Policy": {"PolicyName": "M", "DefaultVersionId": "v2"}},
            "GetPolicyVersion": {"PolicyVersion": {"Document": {"Statement": [params.get("VersionId")]}}},
            "GetRole": {
                "Role": {"PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/B"}}
            },
            "ListUserPolicies": {"PolicyNames": []},
            "ListAttachedUserPolicies": {"AttachedPolicies": []},
            "ListGroupsForUser": {"Groups": [{"GroupName": "g"}]},
            "ListGroupPolicies": {"PolicyNames": ["of-group"]},
            "GetGroupPolicy": {"PolicyDocument": '{"Statement": []}'},
            "ListAttachedGroupPolicies": {"AttachedPolicies": []},
            "GetUser": {"User": {}},
        }
        return answers[operation]


def test_policies_are_collected_from_where_iam_has_them() -> None:
    attached = Attached(Iam())
    found = attached.policies("arn:aws:iam::111111111111:role/path/R")
    assert [(each.name, each.kind) for each in found] == [("inline", "role"), ("M", "aws-managed")]
    assert found[1].document == {"Statement": ["v2"]}
    (bound,) = attached.boundary("arn:aws:iam::111111111111:role/path/R")
    assert bound.kind == "user-managed"
    user = "arn:aws:iam::111111111111:user/u"
    assert [(each.name, each.kind) for each in attached.policies(user)] == [("of-group", "group")]
    assert attached.boundary(user) == attached.boundary("arn:aws:iam::111111111111:group/g") == ()


@pytest.mark.parametrize("arn", ["role", "arn:aws:s3:::role/x", "arn:aws:iam::1:policy/x"])
def test_what_is_no_principal_is_refused(arn: str) -> None:
    with pytest.raises(Invalid) as caught:
        Attached(Iam()).policies(arn)
    assert caught.value.code == "InvalidInput"


def test_a_policy_that_is_not_json_is_told() -> None:
    class Broken(Iam):
        def call(self, *arguments: Any, **options: Any) -> dict[str, Any]:
            answer = super().call(*arguments, **options)
            return {"PolicyDocument": "%"} if "PolicyDocument" in answer else answer

    with pytest.raises(DomainError, match="not JSON"):
        Attached(Broken()).policies("arn:aws:iam::111111111111:role/R")

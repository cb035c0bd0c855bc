"""Policies are simulated: SimulatePrincipalPolicy and SimulateCustomPolicy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

EXECUTION_ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def role_of(iam: Any, name: str, **extra: Any) -> str:
    """A role that SageMaker may assume; its ARN."""
    trust = document(
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **extra)
    return str(created["Role"]["Arn"])


def decisions(answer: Any) -> dict[str, str]:
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def test_the_execution_role_may_what_sagemaker_roles_may(client: Client) -> None:
    answer = client("iam").simulate_principal_policy(
        PolicySourceArn=EXECUTION_ROLE,
        ActionNames=["s3:PutObject", "sagemaker:CreateTrainingJob", "iam:CreateUser"],
        ResourceArns=["arn:aws:s3:::sagemaker-eu-west-1-111111111111/key"],
    )
    assert decisions(answer)["s3:PutObject"] == "allowed"
    assert decisions(answer)["iam:CreateUser"] == "implicitDeny"
    matched = answer["EvaluationResults"][0]["MatchedStatements"]
    assert [(entry["SourcePolicyId"], entry["SourcePolicyType"]) for entry in matched] == [
        ("AmazonSageMakerFullAccess", "aws-managed")
    ]


def test_a_deny_wins_and_a_boundary_binds(client: Client) -> None:
    iam = client("iam")
    arn = iam.create_policy(PolicyName="Bound", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    role = role_of(iam, "bound", PermissionsBoundary=arn)
    statements = (
        allow("*"),
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::kept/*"},
    )
    iam.put_role_policy(RoleName="bound", PolicyName="inline", PolicyDocument=document(*statements))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["s3:DeleteObject", "sqs:SendMessage"],
        ResourceArns=["arn:aws:s3:::kept/a", "arn:aws:s3:::other/a"],
    )
    assert decisions(answer) == {"s3:DeleteObject": "explicitDeny", "sqs:SendMessage": "implicitDeny"}
    deleting, sending = answer["EvaluationResults"]
    assert [each["EvalResourceDecision"] for each in deleting["ResourceSpecificResults"]] == [
        "explicitDeny",
        "allowed",
    ]
    assert sending["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_conditions_read_the_context_and_name_what_is_missing(client: Client) -> None:
    iam = client("iam")
    condition = {"StringEquals": {"s3:prefix": "home"}}
    asked = {
        "PolicyInputList": [document(allow("s3:ListBucket", Condition=condition))],
        "ActionNames": ["s3:ListBucket"],
    }
    without = iam.simulate_custom_policy(**asked)["EvaluationResults"][0]
    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["s3:prefix"])
    entry = {"ContextKeyName": "s3:prefix", "ContextKeyValues": ["home"], "ContextKeyType": "string"}
    within = iam.simulate_custom_policy(**asked, ContextEntries=[entry])["EvaluationResults"][0]
    assert (within["EvalDecision"], within["MissingContextValues"]) == ("allowed", [])


def test_users_have_their_groups_policies_and_results_come_in_pages(client: Client) -> None:
    iam = client("iam")
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    iam.put_group_policy(
        GroupName="readers", PolicyName="read", PolicyDocument=document(allow("s3:GetObject"))
    )
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=user,
        ActionNames=["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
        PaginationConfig={"PageSize": 2},
    )
    assert [decisions(page) for page in pages] == [
        {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"},
        {"s3:ListBucket": "implicitDeny"},
    ]


def test_a_resource_policy_allows_too(client: Client) -> None:
    policy = document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "s3:GetObject",
            "Resource": "*",
        }
    )
    answer = client("iam").simulate_custom_policy(
        PolicyInputList=[document(allow("sqs:*"))],
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::a/b"],
        ResourcePolicy=policy,
        CallerArn="arn:aws:iam::111111111111:user/ann",
    )
    assert decisions(answer) == {"s3:GetObject": "allowed"}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("arn:aws:iam::111111111111:role/nobody", "NoSuchEntity"),
        ("arn:aws:sts::111111111111:assumed-role/A/session", "InvalidInput"),
    ],
)
def test_who_is_nobody_is_refused(client: Client, source: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        client("iam").simulate_principal_policy(PolicySourceArn=source, ActionNames=["s3:GetObject"])
    assert caught.value.response["Error"]["Code"] == code


def test_what_is_no_policy_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="not valid JSON"):
        client("iam").simulate_custom_policy(PolicyInputList=["{"], ActionNames=["s3:GetObject"])

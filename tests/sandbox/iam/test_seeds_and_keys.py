"""The default accounts' roles, and keys that IAM makes, by boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.domain.seeds import ACCOUNTS

Client = Callable[..., Any]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_default_account_has_its_roles(client: Client, account: str) -> None:
    iam = client("iam", account=account)
    role = iam.get_role(RoleName="RopewayExecutionRole")["Role"]
    assert role["Arn"] == f"arn:aws:iam::{account}:role/RopewayExecutionRole"
    services = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
    assert {"sagemaker.amazonaws.com", "lambda.amazonaws.com", "events.amazonaws.com"} <= set(services)
    attached = iam.list_attached_role_policies(RoleName="RopewayAdmin")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]


def test_other_accounts_start_empty(client: Client) -> None:
    assert client("iam", account="999999999999").list_roles()["Roles"] == []


def test_a_role_can_be_deleted_and_stays_so(client: Client) -> None:
    iam = client("iam", account="444444444444")
    iam.detach_role_policy(RoleName="RopewayAdmin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.delete_role(RoleName="RopewayAdmin")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName="RopewayAdmin")


def test_a_key_that_iam_made_is_its_users(client: Client) -> None:
    iam = client("iam", account="222222222222")
    user = iam.create_user(UserName="ana", Path="/team/")["User"]
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    identity = client("sts", access_key=key["AccessKeyId"]).get_caller_identity()
    assert identity["Account"] == "222222222222"
    assert identity["Arn"] == user["Arn"] == "arn:aws:iam::222222222222:user/team/ana"
    assert identity["UserId"] == user["UserId"]
    parameter = client("ssm", access_key=key["AccessKeyId"])
    parameter.put_parameter(Name="/of-ana", Value=json.dumps({}), Type="String")
    assert (
        client("ssm", account="222222222222").get_parameter(Name="/of-ana")["Parameter"]["Name"] == "/of-ana"
    )


def test_a_key_that_nobody_made_is_the_default_accounts_root(client: Client) -> None:
    identity = client("sts", access_key="AKIAAAAAAAAAAAAAAAAA").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::111111111111:root"

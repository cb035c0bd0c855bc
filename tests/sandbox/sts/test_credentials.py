"""Identities across accounts, by boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server

Client = Callable[..., Any]


def test_a_key_of_twelve_digits_is_that_account(client: Client) -> None:
    identity = client("sts", account="222222222222").get_caller_identity()
    assert identity["Account"] == "222222222222"
    assert identity["Arn"] == "arn:aws:iam::222222222222:root"


def test_a_role_of_another_account_can_be_assumed(client: Client, sandbox: Server) -> None:
    answer = client("sts").assume_role(
        RoleArn="arn:aws:iam::333333333333:role/path/Deploy", RoleSessionName="ci"
    )
    keys = answer["Credentials"]
    caller = boto3.client(
        "sts",
        endpoint_url=sandbox.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ).get_caller_identity()
    assert caller["Arn"] == "arn:aws:sts::333333333333:assumed-role/Deploy/ci"
    assert caller["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]


def test_temporary_keys_that_were_never_issued_are_refused(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("sts", access_key="ASIAAAAAAAAAAAAAAAAA").get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_a_role_that_is_no_role_is_refused(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("sts").assume_role(RoleArn="arn:aws:iam::333333333333:user/somebody", RoleSessionName="ci")
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_an_operation_nobody_has_is_named(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("sagemaker").create_hub(HubName="hub", HubDescription="none")
    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplementedException"
    assert "sagemaker CreateHub" in error["Message"]

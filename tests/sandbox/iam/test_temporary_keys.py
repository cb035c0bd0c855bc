"""The ways to temporary keys besides AssumeRole, by boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server

Client = Callable[..., Any]
ROLE = "arn:aws:iam::333333333333:role/Deploy"


def _whoami(sandbox: Server, keys: dict[str, str]) -> str:
    arn: str = boto3.client(
        "sts",
        endpoint_url=sandbox.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ).get_caller_identity()["Arn"]
    return arn


def test_a_role_is_assumed_with_a_web_identity(client: Client, sandbox: Server) -> None:
    answer = client("sts").assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="ci", WebIdentityToken="header.claims.signature"
    )
    assert _whoami(sandbox, answer["Credentials"]) == "arn:aws:sts::333333333333:assumed-role/Deploy/ci"


def test_a_session_token_is_of_the_callers_account(client: Client, sandbox: Server) -> None:
    answer = client("sts", account="222222222222").get_session_token(DurationSeconds=900)
    assert ":222222222222:" in _whoami(sandbox, answer["Credentials"])


def test_the_account_of_a_key_is_told(client: Client) -> None:
    sts = client("sts", account="444444444444")
    keys = sts.assume_role(RoleArn=ROLE, RoleSessionName="ci")["Credentials"]
    assert sts.get_access_key_info(AccessKeyId=keys["AccessKeyId"])["Account"] == "333333333333"


def test_a_duration_that_is_too_short_is_refused(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("sts", config={"parameter_validation": False}).get_session_token(DurationSeconds=1)
    assert "greater than or equal to 900" in caught.value.response["Error"]["Message"]

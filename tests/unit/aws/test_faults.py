"""boto3's errors as Ropeway's."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProfileNotFound,
)

from ropeway.aws.faults import Api, mapped
from ropeway.errors import AwsError, UsageError


def test_a_refusal_keeps_aws_s_code_and_words() -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "PutObject")
    with (
        pytest.raises(AwsError, match=r"^PutObject: not you \(AccessDenied\)$") as caught,
        mapped("PutObject"),
    ):
        raise refusal
    assert (caught.value.code, caught.value.operation) == ("AccessDenied", "PutObject")
    assert caught.value.hint == "the credentials lack this permission; check the role and the account"


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (
            EndpointConnectionError(endpoint_url="http://x"),
            'Could not connect to the endpoint URL: "http://x"',
            "status",
        ),
        (NoCredentialsError(), "Unable to locate credentials", "--profile"),
        (ProfileNotFound(profile="p"), r"The config profile \(p\) could not be found", "list-profiles"),
    ],
)
def test_an_endpoint_that_is_not_reached_has_a_hint(error: Exception, message: str, hint: str) -> None:
    with pytest.raises(AwsError, match=f"^Op: {message}$") as caught, mapped("Op"):
        raise error
    assert hint in str(caught.value.hint)


def test_parameters_of_a_wrong_form_are_the_caller_s_error() -> None:
    with pytest.raises(UsageError, match=r"^Op: Parameter validation failed"), mapped("Op"):
        raise ParamValidationError(report="bad")


def test_pages_follow_the_token() -> None:
    answers: Iterator[dict[str, Any]] = iter([{"Items": [{"n": 1}], "NextToken": "t"}, {"Items": [{"n": 2}]}])
    asked: list[dict[str, Any]] = []

    def list_things(**params: Any) -> dict[str, Any]:
        asked.append(params)
        return next(answers)

    api = Api(SimpleNamespace(list_things=list_things, meta=SimpleNamespace(method_to_api_mapping={})))
    assert list(api.pages("list_things", "Items", Kind="a")) == [{"n": 1}, {"n": 2}]
    assert asked == [{"Kind": "a"}, {"Kind": "a", "NextToken": "t"}]

"""ARNs in parts and back."""

from __future__ import annotations

import pytest

from ropeway.values.arn import Arn


def test_an_arn_is_taken_apart_and_put_together() -> None:
    text = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train/execution/abc"
    arn = Arn.parse(text)
    assert (arn.service, arn.region, arn.account) == ("sagemaker", "eu-west-1", "111111111111")
    assert (arn.kind, arn.name) == ("pipeline", "train/execution/abc")
    assert str(arn) == text


def test_a_resource_may_contain_colons_and_need_no_kind() -> None:
    arn = Arn.parse("arn:aws-cn:lambda:cn-north-1:111111111111:function:f:1")
    assert (arn.partition, arn.kind, arn.name) == ("aws-cn", "", "function:f:1")


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:s3", "urn:aws:s3:::bucket", "arn:aws::r:1:x", "arn:aws:s3:::"]
)
def test_what_is_no_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ARN"):
        Arn.parse(text)

"""Tags by boto3."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]


@pytest.fixture
def sagemaker(client: Client) -> Any:
    return client("sagemaker")


@pytest.fixture
def arn(sagemaker: Any) -> str:
    """A fresh group's ARN, with one tag."""
    name = f"tagged-{uuid.uuid4().hex[:12]}"
    answer = sagemaker.create_model_package_group(
        ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": "risk"}]
    )
    made: str = answer["ModelPackageGroupArn"]
    return made


def tags(sagemaker: Any, arn: str) -> dict[str, str]:
    """A resource's tags."""
    return {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}


def test_tags_come_with_creation_and_change_by_key(sagemaker: Any, arn: str) -> None:
    assert tags(sagemaker, arn) == {"team": "risk"}
    answer = sagemaker.add_tags(
        ResourceArn=arn, Tags=[{"Key": "team", "Value": "credit"}, {"Key": "env", "Value": "dev"}]
    )
    assert answer["Tags"] == [{"Key": "team", "Value": "credit"}, {"Key": "env", "Value": "dev"}]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "never-there"])
    assert tags(sagemaker, arn) == {"env": "dev"}


def test_tags_go_with_their_resource(sagemaker: Any, arn: str) -> None:
    sagemaker.delete_model_package_group(ModelPackageGroupName=arn)
    sagemaker.create_model_package_group(ModelPackageGroupName=arn.rpartition("/")[2])
    assert tags(sagemaker, arn) == {}


def test_tags_are_listed_in_pages(sagemaker: Any, arn: str) -> None:
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(49)])
    assert len(sagemaker.list_tags(ResourceArn=arn, MaxResults=50)["Tags"]) == 50
    assert "NextToken" not in sagemaker.list_tags(ResourceArn=arn)


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ([{"Key": f"k{n}", "Value": ""} for n in range(50)], "ResourceLimitExceeded"),
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "ValidationException"),
        ([{"Key": "aws:own", "Value": "1"}], "ValidationException"),
        ([{"Key": "k" * 129, "Value": "1"}], "ValidationException"),
    ],
)
def test_bad_tags_are_refused_and_nothing_changes(
    sagemaker: Any, arn: str, added: list[dict[str, str]], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        sagemaker.add_tags(ResourceArn=arn, Tags=added)
    assert caught.value.response["Error"]["Code"] == code
    assert tags(sagemaker, arn) == {"team": "risk"}


def test_a_resource_with_bad_tags_is_not_made(sagemaker: Any) -> None:
    with pytest.raises(ClientError):
        sagemaker.create_model(
            ModelName="badly-tagged",
            PrimaryContainer={"Image": "image:1"},
            Tags=[{"Key": "aws:own", "Value": ""}],
        )
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.describe_model(ModelName="badly-tagged")


def test_resources_that_moto_keeps_have_their_tags_there(sagemaker: Any) -> None:
    arn = sagemaker.create_experiment(ExperimentName="tagged")["ExperimentArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert tags(sagemaker, arn) == {"b": "2"}


def test_an_arn_that_is_none_is_refused(sagemaker: Any) -> None:
    with pytest.raises(ClientError) as caught:
        sagemaker.list_tags(ResourceArn="arn:aws:s3:::bucket")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    "resource",
    [
        "processing-job/none",
        "training-job/none",
        "model/none",
        "model-package-group/none",
        "model-package/none/1",
    ],
)
def test_what_does_not_exist_has_no_tags(sagemaker: Any, resource: str) -> None:
    arn = f"arn:aws:sagemaker:eu-west-1:111111111111:{resource}"
    calls: tuple[Callable[[], Any], ...] = (
        lambda: sagemaker.list_tags(ResourceArn=arn),
        lambda: sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}]),
        lambda: sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"]),
    )
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_another_account_s_resource_cannot_be_tagged(client: Client, arn: str) -> None:
    other = client("sagemaker", account="222222222222")
    with pytest.raises(ClientError) as caught:
        other.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"

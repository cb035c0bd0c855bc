"""Models by boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server

Client = Callable[..., Any]

ROLE = "arn:aws:iam::111111111111:role/Models"
CONTAINER: dict[str, Any] = {
    "Image": "image:1",
    "ModelDataUrl": "s3://models/m.tar.gz",
    "Environment": {"A": "container"},
}


@pytest.fixture
def sagemaker(client: Client) -> Any:
    return client("sagemaker")


@pytest.fixture
def package(client: Client) -> Callable[..., str]:
    """Registers a version of a new group; its ARN."""
    sagemaker = client("sagemaker")

    def register(group: str, status: str = "Approved") -> str:
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
        specification = {
            "Containers": [
                {
                    "Image": "packaged:1",
                    "ModelDataUrl": "s3://models/p.tar.gz",
                    "Environment": {"A": "package", "B": "package"},
                }
            ]
        }
        small = {
            "Name": "small",
            "Containers": [{"Image": "small:1", "ModelDataUrl": "s3://models/s.tar.gz"}],
        }
        answer = sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            InferenceSpecification=specification,
            AdditionalInferenceSpecifications=[small],
        )
        arn: str = answer["ModelPackageArn"]
        return arn

    return register


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error that a call must raise."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_model_is_described_as_it_was_created(sagemaker: Any) -> None:
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    created = sagemaker.create_model(
        ModelName="Described",
        PrimaryContainer=CONTAINER,
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
        VpcConfig=vpc,
        Tags=[{"Key": "team", "Value": "risk"}],
    )
    described = sagemaker.describe_model(ModelName="Described")
    assert described["ModelArn"] == created["ModelArn"]
    assert created["ModelArn"].endswith(":model/Described")
    assert described["PrimaryContainer"] == {**CONTAINER, "Mode": "SingleModel"}
    assert (described["ExecutionRoleArn"], described["EnableNetworkIsolation"]) == (ROLE, True)
    assert described["VpcConfig"] == vpc
    tags = sagemaker.list_tags(ResourceArn=created["ModelArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "risk"}]


def test_what_was_not_sent_is_not_described(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="bare", PrimaryContainer={"Image": "image:1"})
    described = sagemaker.describe_model(ModelName="bare")
    assert not {"VpcConfig", "Containers", "ExecutionRoleArn"} & described.keys()
    assert described["EnableNetworkIsolation"] is False


def test_a_model_s_name_can_be_taken_once_and_again_after_deletion(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="once", PrimaryContainer=CONTAINER)
    code, message = refusal(lambda: sagemaker.create_model(ModelName="once", PrimaryContainer=CONTAINER))
    assert (code, "Cannot create already existing model" in message) == ("ValidationException", True)
    sagemaker.delete_model(ModelName="once")
    for gone in (sagemaker.describe_model, sagemaker.delete_model):
        code, message = refusal(lambda gone=gone: gone(ModelName="once"))  # type: ignore[misc]
        assert (code, "Could not find model" in message) == ("ValidationException", True)
    sagemaker.create_model(ModelName="once", PrimaryContainer=CONTAINER)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "PrimaryContainer and Containers"),
        ({"PrimaryContainer": CONTAINER, "Containers": [CONTAINER]}, "Only one of"),
        (
            {"PrimaryContainer": {"ModelDataUrl": "s3://models/m.tar.gz"}},
            "either an Image or a ModelPackageName",
        ),
        ({"PrimaryContainer": {"Image": "image:1", "ModelPackageName": "p"}}, "must not contain an Image"),
        ({"PrimaryContainer": {"ModelPackageName": "never-made"}}, "does not exist"),
        ({"PrimaryContainer": CONTAINER, "ExecutionRoleArn": "not-a-role-at-all-xxx"}, "regular expression"),
        ({"PrimaryContainer": {**CONTAINER, "Mode": "Neither"}}, "enum value set"),
    ],
)
def test_bad_models_are_refused(sagemaker: Any, members: dict[str, Any], words: str) -> None:
    code, message = refusal(lambda: sagemaker.create_model(ModelName="bad", **members))
    assert (code, words in message) == ("ValidationException", True), message


def test_models_are_listed_by_name_and_order(client: Client) -> None:
    sagemaker = client("sagemaker", account="444444444444")
    for name in ("b-one", "a-two", "c-one"):
        sagemaker.create_model(ModelName=name, PrimaryContainer=CONTAINER)

    def names(**filters: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_models").paginate(**filters)
        return [entry["ModelName"] for page in pages for entry in page["Models"]]

    assert names() == ["c-one", "a-two", "b-one"]
    assert names(PaginationConfig={"PageSize": 1}, SortBy="Name", SortOrder="Ascending") == [
        "a-two",
        "b-one",
        "c-one",
    ]
    assert names(NameContains="one") == ["c-one", "b-one"]


def test_a_model_of_a_package_takes_its_containers_and_adds_its_environment(
    sandbox: Server, sagemaker: Any, package: Callable[..., str]
) -> None:
    arn = package("resolved")
    own = {"ModelPackageName": arn, "Environment": {"A": "model"}}
    sagemaker.create_model(ModelName="of-package", PrimaryContainer=own)
    described = sagemaker.describe_model(ModelName="of-package")
    assert described["PrimaryContainer"] == {**own, "Mode": "SingleModel"}
    (container,) = sandbox.edge.domain.models.containers("111111111111", "eu-west-1", "of-package")
    assert (container.image, container.model_data_url) == ("packaged:1", "s3://models/p.tar.gz")
    assert container.environment == {"A": "model", "B": "package"}


def test_a_model_can_choose_an_additional_specification(
    sandbox: Server, sagemaker: Any, package: Callable[..., str]
) -> None:
    chosen = {"ModelPackageName": package("chosen"), "InferenceSpecificationName": "small"}
    sagemaker.create_model(ModelName="small", Containers=[chosen, CONTAINER])
    containers = sandbox.edge.domain.models.containers("111111111111", "eu-west-1", "small")
    assert [container.image for container in containers] == ["small:1", "image:1"]
    chosen["InferenceSpecificationName"] = "large"
    _, message = refusal(lambda: sagemaker.create_model(ModelName="large", Containers=[chosen]))
    assert "no inference specification named large" in message


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_a_version_that_is_not_approved_makes_no_model(
    sagemaker: Any, package: Callable[..., str], status: str
) -> None:
    arn = package(f"not-{status}", status)
    code, message = refusal(
        lambda: sagemaker.create_model(ModelName="early", PrimaryContainer={"ModelPackageName": arn})
    )
    assert (code, status in message) == ("ValidationException", True)


def test_another_account_s_package_needs_its_group_s_permission(
    client: Client, package: Callable[..., str]
) -> None:
    arn = package("shared")
    other = client("sagemaker", account="333333333333")
    container = {"ModelPackageName": arn}
    code, _ = refusal(lambda: other.create_model(ModelName="theirs", PrimaryContainer=container))
    assert code == "AccessDeniedException"
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "333333333333"},'
        ' "Action": "sagemaker:CreateModel", "Resource": "' + arn.rpartition("/")[0] + '/*"}]}'
    )
    client("sagemaker").put_model_package_group_policy(ModelPackageGroupName="shared", ResourcePolicy=policy)
    other.create_model(ModelName="theirs", PrimaryContainer=container)
    assert other.describe_model(ModelName="theirs")["PrimaryContainer"]["ModelPackageName"] == arn

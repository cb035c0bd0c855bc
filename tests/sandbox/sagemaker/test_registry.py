"""The model registry by boto3: groups, versions, approval, policies across accounts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

SPECIFICATION: dict[str, Any] = {
    "Containers": [
        {"Image": "image:1", "ModelDataUrl": "s3://models/m.tar.gz", "Environment": {"THRESHOLD": "0.5"}}
    ],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
    "SupportedTransformInstanceTypes": ["ml.m5.large"],
}


@pytest.fixture
def sagemaker(client: Client) -> Any:
    return client("sagemaker")


@pytest.fixture
def group(sagemaker: Any) -> str:
    """The name of a fresh group."""
    name = f"group-{uuid.uuid4().hex[:8]}"
    sagemaker.create_model_package_group(
        ModelPackageGroupName=name, ModelPackageGroupDescription="mammography"
    )
    return name


def register(sagemaker: Any, group: str, **members: Any) -> str:
    """Register a version; its ARN."""
    answer = sagemaker.create_model_package(
        ModelPackageGroupName=group, **{"InferenceSpecification": SPECIFICATION, **members}
    )
    arn: str = answer["ModelPackageArn"]
    return arn


def versions(sagemaker: Any, group: str, **filters: Any) -> list[int]:
    """The numbers of a group's versions, through the paginator."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group, **filters)
    return [entry["ModelPackageVersion"] for page in pages for entry in page["ModelPackageSummaryList"]]


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error that a call must raise."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500 or "Implemented" in error["Code"]
    return error["Code"], error["Message"]


# --- groups ---------------------------------------------------------------------------------------------------


def test_a_group_is_described_by_name_and_by_arn(sagemaker: Any, group: str) -> None:
    described = sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    assert described["ModelPackageGroupArn"].endswith(f":model-package-group/{group}")
    assert described["ModelPackageGroupStatus"] == "Completed"
    assert described["ModelPackageGroupDescription"] == "mammography"
    assert described["CreatedBy"]["IamIdentity"]["Arn"] == "arn:aws:iam::111111111111:root"
    by_arn = sagemaker.describe_model_package_group(ModelPackageGroupName=described["ModelPackageGroupArn"])
    assert by_arn["ModelPackageGroupName"] == group


def test_a_group_s_name_can_be_taken_once(sagemaker: Any, group: str) -> None:
    code, message = refusal(lambda: sagemaker.create_model_package_group(ModelPackageGroupName=group))
    assert code == "ValidationException"
    assert "already exists" in message


def test_groups_that_differ_by_case_only_are_one(sagemaker: Any, group: str) -> None:
    code, message = refusal(lambda: sagemaker.create_model_package_group(ModelPackageGroupName=group.upper()))
    assert code == "ValidationException"
    assert group in message


def test_groups_of_regions_and_accounts_are_apart(client: Client, group: str) -> None:
    for other in (client("sagemaker", region="us-east-1"), client("sagemaker", account="222222222222")):
        code, message = refusal(
            lambda other=other: other.describe_model_package_group(ModelPackageGroupName=group)  # type: ignore[misc]
        )
        assert code == "ValidationException"
        assert "does not exist" in message


def test_an_empty_group_can_be_deleted_and_a_full_one_cannot(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group)
    code, _ = refusal(lambda: sagemaker.delete_model_package_group(ModelPackageGroupName=group))
    assert code == "ConflictException"
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    code, message = refusal(lambda: sagemaker.describe_model_package_group(ModelPackageGroupName=group))
    assert "does not exist" in message


def test_groups_are_listed_by_name_time_and_order(client: Client) -> None:
    sagemaker = client("sagemaker", account="444444444444")
    for name in ("beta-risk", "alpha-risk", "gamma-other"):
        sagemaker.create_model_package_group(ModelPackageGroupName=name)

    def names(**filters: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_model_package_groups").paginate(**filters)
        return [
            entry["ModelPackageGroupName"] for page in pages for entry in page["ModelPackageGroupSummaryList"]
        ]

    assert names() == ["gamma-other", "alpha-risk", "beta-risk"]
    assert names(SortOrder="Ascending") == ["beta-risk", "alpha-risk", "gamma-other"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["alpha-risk", "beta-risk", "gamma-other"]
    assert names(NameContains="RISK", PaginationConfig={"PageSize": 1}) == ["alpha-risk", "beta-risk"]
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    assert names(CreationTimeAfter=tomorrow) == []
    assert len(names(CreationTimeBefore=tomorrow)) == 3
    assert names(CrossAccountFilterOption="CrossAccount") == []


# --- versions -------------------------------------------------------------------------------------------------


def test_versions_count_from_one_and_their_arn_is_in_lower_case(sagemaker: Any) -> None:
    name = f"Group-{uuid.uuid4().hex[:8]}-X"
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    arns = [register(sagemaker, name) for _ in range(3)]
    assert [arn.rpartition(":model-package/")[2] for arn in arns] == [
        f"{name.lower()}/{n}" for n in (1, 2, 3)
    ]
    described = sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert (described["ModelPackageGroupName"], described["ModelPackageVersion"]) == (name, 2)


def test_a_version_keeps_everything_it_was_registered_with(sagemaker: Any, group: str) -> None:
    statistics = {"ContentType": "application/json", "S3Uri": "s3://b/evaluation.json"}
    members: dict[str, Any] = {
        "ModelPackageDescription": "boosted trees",
        "ModelApprovalStatus": "Approved",
        "ModelMetrics": {"ModelQuality": {"Statistics": statistics}},
        "DriftCheckBaselines": {"ModelDataQuality": {"Statistics": statistics}},
        "CustomerMetadataProperties": {"auc": "0.91"},
        "MetadataProperties": {
            "GeneratedBy": "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p/execution/x"
        },
        "Domain": "MACHINE_LEARNING",
        "Task": "CLASSIFICATION",
        "SamplePayloadUrl": "s3://b/payload.tar.gz",
        "SkipModelValidation": "All",
        "SourceUri": "s3://b/source",
        "ModelCard": {"ModelCardStatus": "Draft", "ModelCardContent": "{}"},
        "AdditionalInferenceSpecifications": [{"Name": "small", "Containers": [{"Image": "image:2"}]}],
    }
    described = sagemaker.describe_model_package(ModelPackageName=register(sagemaker, group, **members))
    for name, value in {**members, "InferenceSpecification": SPECIFICATION}.items():
        assert described[name] == value, name
    assert described["ModelPackageStatus"] == "Completed"
    assert described["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}
    assert "LastModifiedTime" not in described


def test_a_version_waits_for_approval_unless_it_is_told_otherwise(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group)
    assert (
        sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"]
        == "PendingManualApproval"
    )
    for status in ("Approved", "Rejected", "PendingManualApproval"):
        sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=f"now {status}"
        )
        described = sagemaker.describe_model_package(ModelPackageName=arn)
        assert described["ModelApprovalStatus"] == status
        assert described["ApprovalDescription"] == f"now {status}"
        assert described["LastModifiedTime"] >= described["CreationTime"]
        assert described["LastModifiedBy"]["IamIdentity"]["PrincipalId"] == "111111111111"


def test_metadata_is_merged_and_removed_by_key(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, CustomerMetadataProperties={"kept": "1", "changed": "1", "gone": "1"})
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"changed": "2", "new": "3"},
        CustomerMetadataPropertiesToRemove=["gone", "never-there"],
    )
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["CustomerMetadataProperties"] == {"kept": "1", "changed": "2", "new": "3"}


def test_more_than_fifty_properties_are_too_many(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, CustomerMetadataProperties={f"key{n}": "v" for n in range(50)})
    more = {"one-more": "v"}
    code, message = refusal(
        lambda: sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties=more)
    )
    assert (code, "50" in message) == ("ValidationException", True)


def test_cards_specifications_and_sources_can_be_changed(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, ModelCard={"ModelCardStatus": "Draft", "ModelCardContent": "{}"})
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        SourceUri="s3://b/other",
        ModelCard={"ModelCardStatus": "Approved"},
        AdditionalInferenceSpecificationsToAdd=[{"Name": "small", "Containers": [{"Image": "image:2"}]}],
    )
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["SourceUri"] == "s3://b/other"
    assert described["ModelCard"] == {"ModelCardStatus": "Approved", "ModelCardContent": "{}"}
    assert [entry["Name"] for entry in described["AdditionalInferenceSpecifications"]] == ["small"]
    brief = sagemaker.describe_model_package(ModelPackageName=arn, IncludedData="MetadataOnly")
    assert "ModelCard" not in brief


def test_the_number_of_a_deleted_version_is_not_given_again(sagemaker: Any, group: str) -> None:
    register(sagemaker, group)
    second = register(sagemaker, group)
    sagemaker.delete_model_package(ModelPackageName=second)
    assert register(sagemaker, group).endswith("/3")
    code, message = refusal(lambda: sagemaker.describe_model_package(ModelPackageName=second))
    assert (code, "does not exist" in message) == ("ValidationException", True)


def test_versions_are_listed_newest_first_page_by_page(sagemaker: Any, group: str) -> None:
    for number in range(1, 24):
        register(sagemaker, group, ModelApprovalStatus="Approved" if number % 10 == 0 else "Rejected")
    assert versions(sagemaker, group) == list(range(23, 0, -1))
    assert versions(sagemaker, group, SortOrder="Ascending", PaginationConfig={"PageSize": 7}) == list(
        range(1, 24)
    )
    assert versions(sagemaker, group, SortBy="Name", SortOrder="Ascending") == list(range(1, 24))
    newest = sagemaker.list_model_packages(
        ModelPackageGroupName=group, ModelApprovalStatus="Approved", SortBy="CreationTime", MaxResults=1
    )
    assert [entry["ModelPackageVersion"] for entry in newest["ModelPackageSummaryList"]] == [20]
    assert newest["NextToken"]
    first = sagemaker.list_model_packages(ModelPackageGroupName=group)
    assert len(first["ModelPackageSummaryList"]) == 10
    by_arn = sagemaker.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
    assert versions(sagemaker, by_arn, ModelApprovalStatus="Approved") == [20, 10]
    assert versions(sagemaker, group, ModelPackageType="Unversioned") == []


def test_versions_that_appear_between_pages_shift_nothing(sagemaker: Any, group: str) -> None:
    for _ in range(4):
        register(sagemaker, group)
    first = sagemaker.list_model_packages(ModelPackageGroupName=group, MaxResults=2)
    register(sagemaker, group)
    second = sagemaker.list_model_packages(
        ModelPackageGroupName=group, MaxResults=2, NextToken=first["NextToken"]
    )
    assert [entry["ModelPackageVersion"] for entry in second["ModelPackageSummaryList"]] == [2, 1]
    assert "NextToken" not in second


def test_a_token_of_another_list_is_refused(sagemaker: Any, group: str) -> None:
    for _ in range(2):
        register(sagemaker, group)
    token = sagemaker.list_model_packages(ModelPackageGroupName=group, MaxResults=1)["NextToken"]
    for wrong in (
        {"NextToken": token, "ModelPackageGroupName": group, "SortBy": "Name"},
        {"NextToken": "bm9uc2Vuc2U=", "ModelPackageGroupName": group},
        {"NextToken": "%%%", "ModelPackageGroupName": group},
    ):
        code, message = refusal(lambda wrong=wrong: sagemaker.list_model_packages(**wrong))  # type: ignore[misc]
        assert (code, "pagination token" in message) == ("ValidationException", True)


def test_several_packages_are_described_at_once(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group)
    missing = f"{arn}99"
    answer = sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, missing])
    assert answer["ModelPackageSummaries"][arn]["InferenceSpecification"] == SPECIFICATION
    assert answer["BatchDescribeModelPackageErrorMap"][missing]["ErrorCode"] == "ValidationException"


def test_the_same_client_token_registers_once(sagemaker: Any, group: str) -> None:
    token = uuid.uuid4().hex
    first = register(sagemaker, group, ClientToken=token)
    assert register(sagemaker, group, ClientToken=token) == first
    assert versions(sagemaker, group) == [1]
    code, message = refusal(lambda: register(sagemaker, group, ClientToken=token, Domain="OTHER"))
    assert (code, "already used" in message) == ("ValidationException", True)


# --- unversioned packages -------------------------------------------------------------------------------------


def test_a_package_with_a_name_of_its_own_has_no_version_and_no_approval(client: Client) -> None:
    sagemaker = client("sagemaker", account="555555555555")
    arn = sagemaker.create_model_package(ModelPackageName="Risk-Model", InferenceSpecification=SPECIFICATION)[
        "ModelPackageArn"
    ]
    assert arn.endswith(":model-package/risk-model")
    by_name = sagemaker.describe_model_package(ModelPackageName="Risk-Model")
    assert by_name["ModelPackageName"] == "Risk-Model"
    assert not {"ModelPackageVersion", "ModelApprovalStatus", "ModelPackageGroupName"} & by_name.keys()
    code, message = refusal(
        lambda: sagemaker.create_model_package(
            ModelPackageName="risk-model", InferenceSpecification=SPECIFICATION
        )
    )
    assert (code, "already exists" in message) == ("ValidationException", True)
    code, _ = refusal(
        lambda: sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    )
    assert code == "ValidationException"


def test_lists_without_a_group_tell_versioned_from_unversioned(client: Client) -> None:
    sagemaker = client("sagemaker", account="666666666666")
    sagemaker.create_model_package_group(ModelPackageGroupName="grouped")
    register(sagemaker, "grouped")
    sagemaker.create_model_package(ModelPackageName="single", InferenceSpecification=SPECIFICATION)

    def arns(**filters: Any) -> list[str]:
        listed = sagemaker.list_model_packages(**filters)["ModelPackageSummaryList"]
        return [entry["ModelPackageArn"].rpartition(":model-package/")[2] for entry in listed]

    assert arns() == arns(ModelPackageType="Unversioned") == ["single"]
    assert arns(ModelPackageType="Versioned") == ["grouped/1"]
    assert arns(ModelPackageType="Both") == ["single", "grouped/1"]
    assert arns(ModelPackageType="Both", NameContains="ing") == ["single"]


# --- bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({}, "ValidationException", "Exactly one of ModelPackageName and ModelPackageGroupName"),
        (
            {"ModelPackageName": "a", "ModelPackageGroupName": "b"},
            "ValidationException",
            "Exactly one of ModelPackageName and ModelPackageGroupName",
        ),
        ({"ModelPackageGroupName": "never-made"}, "ValidationException", "does not exist"),
        ({"ModelPackageName": "a"}, "ValidationException", "InferenceSpecification"),
        (
            {
                "ModelPackageName": "a",
                "InferenceSpecification": SPECIFICATION,
                "ModelApprovalStatus": "Approved",
            },
            "ValidationException",
            "does not apply",
        ),
        (
            {"ModelPackageGroupName": "x", "ModelApprovalStatus": "Maybe"},
            "ValidationException",
            "Member must satisfy enum value set",
        ),
        (
            {
                "ModelPackageName": "a",
                "SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "knn"}]},
            },
            "NotImplementedException",
            "SourceAlgorithmSpecification",
        ),
        (
            {"ModelPackageGroupName": "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p"},
            "ValidationException",
            "not the ARN of a model-package-group",
        ),
    ],
)
def test_bad_packages_are_refused_in_aws_s_codes(
    sagemaker: Any, members: dict[str, Any], code: str, words: str
) -> None:
    got, message = refusal(lambda: sagemaker.create_model_package(**members))
    assert (got, words in message) == (code, True), message


# --- other accounts -------------------------------------------------------------------------------------------


def allow(account: str, actions: list[str], *resources: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": [f"sagemaker:{action}" for action in actions],
        "Resource": list(resources),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_another_account_reaches_a_group_only_as_its_policy_says(client: Client, group: str) -> None:
    owner, other = client("sagemaker"), client("sagemaker", account="333333333333")
    package = register(owner, group, ModelApprovalStatus="Approved")
    arn = owner.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
    code, message = refusal(lambda: other.describe_model_package(ModelPackageName=package))
    assert code == "AccessDeniedException"
    assert "sagemaker:DescribeModelPackage" in message

    packages = f"{arn.replace('model-package-group', 'model-package')}/*"
    actions = ["DescribeModelPackage", "ListModelPackages", "CreateModelPackage", "UpdateModelPackage"]
    owner.put_model_package_group_policy(
        ModelPackageGroupName=group, ResourcePolicy=allow("333333333333", actions, arn, packages)
    )
    assert other.describe_model_package(ModelPackageName=package)["ModelPackageVersion"] == 1
    assert versions(other, arn) == [1]
    second = register(other, arn)
    assert second.startswith("arn:aws:sagemaker:eu-west-1:111111111111:")
    other.update_model_package(ModelPackageArn=second, ModelApprovalStatus="Approved")
    assert versions(owner, group, ModelApprovalStatus="Approved") == [2, 1]
    for call in (
        lambda: other.delete_model_package(ModelPackageName=package),
        lambda: other.describe_model_package_group(ModelPackageGroupName=arn),
        lambda: other.delete_model_package_group(ModelPackageGroupName=arn),
    ):
        assert refusal(call)[0] == "AccessDeniedException"
    third = client("sagemaker", account="999999999999")
    assert refusal(lambda: versions(third, arn))[0] == "AccessDeniedException"


def test_another_account_does_not_learn_what_is_not_there(client: Client) -> None:
    missing = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/not-there/1"
    other = client("sagemaker", account="333333333333")
    assert (
        refusal(lambda: other.describe_model_package(ModelPackageName=missing))[0] == "AccessDeniedException"
    )


def test_a_policy_is_kept_as_it_was_put_until_it_is_deleted(sagemaker: Any, group: str) -> None:
    _, message = refusal(lambda: sagemaker.get_model_package_group_policy(ModelPackageGroupName=group))
    assert "Cannot find resource policy" in message
    policy = allow("333333333333", ["DescribeModelPackage"], "*")
    sagemaker.put_model_package_group_policy(ModelPackageGroupName=group, ResourcePolicy=policy)
    got = sagemaker.get_model_package_group_policy(ModelPackageGroupName=group)
    assert got["ResourcePolicy"] == policy
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName=group)
    refusal(lambda: sagemaker.get_model_package_group_policy(ModelPackageGroupName=group))


@pytest.mark.parametrize("policy", ["no json", "[]", "{}", '{"Statement": [{"Effect": "Perhaps"}]}'])
def test_what_is_no_policy_is_refused(sagemaker: Any, group: str, policy: str) -> None:
    code, message = refusal(
        lambda: sagemaker.put_model_package_group_policy(ModelPackageGroupName=group, ResourcePolicy=policy)
    )
    assert code == "ValidationException", message


def test_policies_of_groups_that_are_not_there_are_not_found(sagemaker: Any) -> None:
    _, message = refusal(lambda: sagemaker.get_model_package_group_policy(ModelPackageGroupName="never-made"))
    assert "Cannot find Model Package Group" in message

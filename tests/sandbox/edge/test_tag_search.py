"""GetResources finds by tags what moto keeps and what Ropeway keeps."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import Client

TAGS = [{"Key": "team", "Value": "ml"}, {"Key": "stage", "Value": "dev"}]
ACCOUNT = "730000000001"


def found(client: Client, **asked: Any) -> set[str]:
    pages = client("resourcegroupstaggingapi", ACCOUNT).get_paginator("get_resources").paginate(**asked)
    return {
        each["ResourceARN"].rpartition(":")[2] for page in pages for each in page["ResourceTagMappingList"]
    }


def make(client: Client) -> None:
    place = {"LocationConstraint": "eu-west-1"}
    client("s3", ACCOUNT).create_bucket(Bucket="tagged-bucket", CreateBucketConfiguration=place)
    client("s3", ACCOUNT).put_bucket_tagging(Bucket="tagged-bucket", Tagging={"TagSet": TAGS})
    client("sns", ACCOUNT).create_topic(Name="tagged-topic", Tags=TAGS)
    client("sns", ACCOUNT).create_topic(Name="bare-topic")
    client("sqs", ACCOUNT).create_queue(QueueName="tagged-queue", tags={"team": "ml"})  # moto's
    client("sagemaker", ACCOUNT).create_model_package_group(ModelPackageGroupName="tagged", Tags=TAGS[:1])
    client("sns", "730000000002").create_topic(Name="elsewhere", Tags=TAGS)
    client("sns", ACCOUNT, "us-east-1").create_topic(Name="far", Tags=TAGS)


def test_it_finds_what_is_there_by_key_value_type_and_arn(client: Client) -> None:
    make(client)
    team = [{"Key": "team", "Values": ["ml"]}]
    everything = {"tagged-bucket", "tagged-topic", "tagged-queue", "model-package-group/tagged"}
    assert found(client, TagFilters=team) == everything
    both = [*team, {"Key": "stage", "Values": ["dev", "prod"]}]
    assert found(client, TagFilters=both) == {"tagged-bucket", "tagged-topic"}
    assert found(client, TagFilters=[{"Key": "team", "Values": ["ops"]}]) == set()
    assert found(client, TagFilters=[{"Key": "stage"}]) == {"tagged-bucket", "tagged-topic"}
    assert found(client, TagFilters=team, ResourceTypeFilters=["sns"]) == {"tagged-topic"}
    assert found(client, TagFilters=team, ResourceTypeFilters=["sagemaker:model-package-group"]) == {
        "model-package-group/tagged"
    }
    assert found(client, TagFilters=team, ResourceTypeFilters=["sagemaker:endpoint"]) == set()
    arn = f"arn:aws:sns:eu-west-1:{ACCOUNT}:tagged-topic"
    assert found(client, ResourceARNList=[arn]) == {"tagged-topic"}

    client("sns", ACCOUNT).delete_topic(TopicArn=f"arn:aws:sns:eu-west-1:{ACCOUNT}:tagged-topic")
    assert found(client, TagFilters=team) == everything - {"tagged-topic"}

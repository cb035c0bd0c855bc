"""Products launched from the catalog, by boto3: a real stack each, and what was done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.governance.test_servicecatalog import product_of

Client = Callable[..., Any]
TEMPLATE = b"""
Parameters:
  Name: {Type: String}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name}
Outputs:
  Name: {Value: !Ref Bucket, Description: the bucket}
"""


@pytest.fixture
def catalog(client: Client) -> Any:
    return client("servicecatalog")


@pytest.fixture
def product(client: Client, catalog: Any) -> tuple[str, str]:
    s3 = client("s3")
    s3.create_bucket(Bucket="launched", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="launched", Key="product.yaml", Body=TEMPLATE)
    return product_of(catalog, "https://launched.s3.eu-west-1.amazonaws.com/product.yaml", "launched")


def launch(
    catalog: Any, product: tuple[str, str], name: str, bucket: str, token: str = "t"
) -> dict[str, Any]:
    made: dict[str, Any] = catalog.provision_product(
        ProductId=product[0],
        ProvisioningArtifactId=product[1],
        ProvisionedProductName=name,
        ProvisionToken=f"{name}-{token}",
        ProvisioningParameters=[{"Key": "Name", "Value": bucket}],
        Tags=[{"Key": "who", "Value": "kim"}],
    )["RecordDetail"]
    return made


def test_a_product_is_launched_looked_at_and_terminated(
    client: Client, catalog: Any, product: tuple[str, str]
) -> None:
    made = launch(catalog, product, "churn", "made-by-churn")
    assert (made["Status"], made["RecordType"], made["RecordErrors"]) == (
        "SUCCEEDED",
        "PROVISION_PRODUCT",
        [],
    )
    assert launch(catalog, product, "churn", "made-by-churn")["RecordId"] == made["RecordId"]
    with pytest.raises(ClientError, match="DuplicateResourceException"):
        launch(catalog, product, "churn", "another", "u")
    tags = {
        each["Key"]: each["Value"]
        for each in client("s3").get_bucket_tagging(Bucket="made-by-churn")["TagSet"]
    }
    assert tags["who"] == "kim"
    assert tags["sagemaker:studio-visibility"] == "true"

    identity = made["ProvisionedProductId"]
    described = catalog.describe_provisioned_product(Id=identity)["ProvisionedProductDetail"]
    assert (described["Name"], described["Status"], described["Type"]) == ("churn", "AVAILABLE", "CFN_STACK")
    told = catalog.describe_record(Id=made["RecordId"])["RecordOutputs"]
    assert told == [{"OutputKey": "Name", "OutputValue": "made-by-churn", "Description": "the bucket"}]
    assert catalog.get_provisioned_product_outputs(ProvisionedProductName="churn")["Outputs"] == told
    found = catalog.search_provisioned_products(Filters={"SearchQuery": [f"productId:{product[0]}"]})
    assert found["TotalResultsCount"] == 1
    (seen,) = found["ProvisionedProducts"]
    assert (seen["Id"], seen["UserArn"]) == (identity, "arn:aws:iam::111111111111:root")
    stack = client("cloudformation").describe_stacks(StackName=seen["PhysicalId"])["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert [each["Id"] for each in catalog.scan_provisioned_products()["ProvisionedProducts"]] == [identity]
    assert (
        catalog.search_provisioned_products(Filters={"SearchQuery": ["name:other"]})["ProvisionedProducts"]
        == []
    )

    client("s3").put_object(Bucket="made-by-churn", Key="rows.csv", Body=b"1")
    failed = catalog.terminate_provisioned_product(ProvisionedProductId=identity, TerminateToken="a")[
        "RecordDetail"
    ]
    assert failed["Status"] == "FAILED"
    assert "failed to delete: [Bucket]" in failed["RecordErrors"][0]["Description"]
    kept = catalog.describe_provisioned_product(Name="churn")["ProvisionedProductDetail"]
    assert kept["Status"] == "ERROR"
    client("s3").delete_object(Bucket="made-by-churn", Key="rows.csv")
    gone = catalog.terminate_provisioned_product(ProvisionedProductName="churn", TerminateToken="b")[
        "RecordDetail"
    ]
    assert (gone["Status"], gone["RecordType"]) == ("SUCCEEDED", "TERMINATE_PROVISIONED_PRODUCT")
    assert "made-by-churn" not in [each["Name"] for each in client("s3").list_buckets()["Buckets"]]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        catalog.describe_provisioned_product(Id=identity)


def test_a_stack_that_fails_leaves_a_product_in_error(client: Client, catalog: Any) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="launched-badly", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="launched-badly", Key="product.yaml", Body=TEMPLATE)
    product = product_of(catalog, "https://launched-badly.s3.eu-west-1.amazonaws.com/product.yaml", "bad")
    client("s3", account="222222222222").create_bucket(
        Bucket="taken", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    made = launch(catalog, product, "bad", "taken")
    assert made["Status"] == "FAILED"
    found = catalog.describe_provisioned_product(Name="bad")["ProvisionedProductDetail"]
    assert found["Status"] == "ERROR"
    assert found["StatusMessage"]
    catalog.terminate_provisioned_product(ProvisionedProductName="bad", TerminateToken="c")
    with pytest.raises(ClientError, match="InvalidParametersException"):
        catalog.provision_product(
            ProductId=product[0], ProvisioningArtifactId=product[1], ProvisionedProductName="x", ProvisionToken="x",
            ProvisioningParameters=[{"Key": "Nonsense", "Value": "1"}],
        )  # fmt: skip

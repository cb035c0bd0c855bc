"""Products that people launched: `destroy` names them before it asks, and terminates them before the catalog goes."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.aws.launched import Products
from ropeway.aws.session import on_sandbox
from ropeway.errors import AwsError
from ropeway.sandbox.server import Server
from tests.cli.infra.conftest import Client, Project

TEMPLATE = b"""
Parameters: {Name: {Type: String}}
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}
"""


def offered(client: Any, s3: Any, portfolio: str) -> tuple[str, str, str]:
    """A portfolio with one product: its id, the product's and its version's."""
    bucket = f"{portfolio}-templates"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="product.yaml", Body=TEMPLATE)
    place = client.create_portfolio(DisplayName=portfolio, ProviderName="ops")["PortfolioDetail"]["Id"]
    made = client.create_product(
        Name="Training",
        Owner="ops",
        ProductType="CLOUD_FORMATION_TEMPLATE",
        ProvisioningArtifactParameters={
            "Name": "v1",
            "Type": "CLOUD_FORMATION_TEMPLATE",
            "Info": {"LoadTemplateFromURL": f"https://{bucket}.s3.eu-west-1.amazonaws.com/product.yaml"},
        },
    )
    product = made["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
    client.associate_product_with_portfolio(ProductId=product, PortfolioId=place)
    return place, product, made["ProvisioningArtifactDetail"]["Id"]


def launch(client: Any, product: str, version: str, name: str, bucket: str) -> None:
    client.provision_product(
        ProductId=product,
        ProvisioningArtifactId=version,
        ProvisionedProductName=name,
        ProvisionToken=name,
        ProvisioningParameters=[{"Key": "Name", "Value": bucket}],
    )


def test_what_was_launched_is_named_and_goes_first(project: Project) -> None:
    applied = project("apply", "--env", "dev", "--yes")
    assert applied.exit_code == 0, applied.output
    account, prefix = project.accounts["dev"], f"acme-{project.unit}-dev"
    catalog, s3 = project.client("servicecatalog", account), project.s3("dev")
    _, product, version = offered(catalog, s3, f"{prefix}-projects")
    launch(catalog, product, version, "churn", f"{prefix}-churn-{account}")
    s3.put_object(Bucket=f"{prefix}-churn-{account}", Key="rows.csv", Body=b"1")
    _, other, its = offered(catalog, s3, "of-somebody-else")
    launch(catalog, other, its, "theirs", "not-ours")

    destroyed = project("destroy", "--env", "dev", "--yes", "--confirm", "acme/dev")
    said = destroyed.stderr
    named = f"{project.unit}/dev: launched from the project catalog, and goes too: churn (Training by root)"
    done = f"{project.unit}/dev: terminated churn (Training by root)"
    assert said.index(named) < said.index(done)
    assert "theirs" not in said
    left = [each["Name"] for each in catalog.scan_provisioned_products()["ProvisionedProducts"]]
    assert left == ["theirs"]
    buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    assert f"{prefix}-churn-{account}" not in buckets
    assert "not-ours" in buckets


@pytest.fixture
def products(sandbox: Server) -> Products:
    return Products(
        on_sandbox(sandbox.endpoint, "721000000001", "eu-west-1"), "acme-x-dev-projects", lambda: None
    )


def test_one_that_cannot_go_is_told_with_what_its_stack_says(products: Products, client: Client) -> None:
    catalog, s3 = client("servicecatalog", "721000000001"), client("s3", "721000000001")
    assert products.launched() == []
    _, product, version = offered(catalog, s3, "acme-x-dev-projects")
    launch(catalog, product, version, "churn", "still-full")
    s3.put_object(Bucket="still-full", Key="rows.csv", Body=b"1")
    with pytest.raises(
        AwsError, match=r"churn \(Training by root\) could not be terminated: The following resource"
    ):
        list(products.terminate())
    s3.delete_object(Bucket="still-full", Key="rows.csv")
    assert list(products.terminate()) == ["terminated churn (Training by root)"]

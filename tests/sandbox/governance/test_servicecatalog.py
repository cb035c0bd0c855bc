"""Service Catalog by boto3: a portfolio with a product, who may launch it, and what must go first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
TEMPLATE = b"""
Parameters:
  Name: {Type: String}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Ref Name}
"""
PRINCIPAL = "arn:aws:iam::111111111111:role/DataScientist"


@pytest.fixture
def catalog(client: Client) -> Any:
    return client("servicecatalog")


@pytest.fixture
def template(client: Client) -> str:
    s3 = client("s3")
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="templates", Key="train/product.yaml", Body=TEMPLATE)
    return "https://templates.s3.eu-west-1.amazonaws.com/train/product.yaml"


def portfolio_of(catalog: Any, name: str = "ML") -> str:
    made = catalog.create_portfolio(DisplayName=name, ProviderName="ops", Tags=[{"Key": "a", "Value": "b"}])
    return str(made["PortfolioDetail"]["Id"])


def product_of(catalog: Any, template: str, name: str = "train") -> tuple[str, str]:
    made = catalog.create_product(
        Name=name,
        Owner="ops",
        Description="Trains",
        ProductType="CLOUD_FORMATION_TEMPLATE",
        Tags=[{"Key": "sagemaker:studio-visibility", "Value": "true"}],
        ProvisioningArtifactParameters=version(template, "v1"),
    )
    return made["ProductViewDetail"]["ProductViewSummary"]["ProductId"], made["ProvisioningArtifactDetail"][
        "Id"
    ]


def version(template: str, name: str) -> dict[str, Any]:
    return {"Name": name, "Type": "CLOUD_FORMATION_TEMPLATE", "Info": {"LoadTemplateFromURL": template}}


def test_a_portfolio_is_kept_changed_and_shared(catalog: Any) -> None:
    portfolio = portfolio_of(catalog)
    catalog.update_portfolio(
        Id=portfolio, DisplayName="Models", RemoveTags=["a"], AddTags=[{"Key": "c", "Value": "d"}]
    )
    found = catalog.describe_portfolio(Id=portfolio)
    assert found["PortfolioDetail"]["DisplayName"] == "Models"
    assert found["PortfolioDetail"]["ProviderName"] == "ops"
    assert found["Tags"] == [{"Key": "c", "Value": "d"}]
    assert portfolio in [each["Id"] for each in catalog.list_portfolios()["PortfolioDetails"]]
    catalog.create_portfolio_share(PortfolioId=portfolio, AccountId="222222222222")
    assert catalog.list_portfolio_access(PortfolioId=portfolio)["AccountIds"] == ["222222222222"]
    shares = catalog.describe_portfolio_shares(PortfolioId=portfolio, Type="ACCOUNT")["PortfolioShareDetails"]
    assert [(each["PrincipalId"], each["Accepted"]) for each in shares] == [("222222222222", False)]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        catalog.delete_portfolio(Id=portfolio)
    catalog.delete_portfolio_share(PortfolioId=portfolio, AccountId="222222222222")
    catalog.delete_portfolio(Id=portfolio)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        catalog.describe_portfolio(Id=portfolio)


def test_portfolios_come_in_pages(catalog: Any) -> None:
    made = {portfolio_of(catalog, f"p{number}") for number in range(5)}
    first = catalog.list_portfolios(PageSize=3)
    assert len(first["PortfolioDetails"]) == 3
    pages = catalog.get_paginator("list_portfolios").paginate(PaginationConfig={"PageSize": 2})
    assert made <= {each["Id"] for page in pages for each in page["PortfolioDetails"]}
    with pytest.raises(ClientError, match="InvalidParametersException"):
        catalog.list_portfolios(PageToken="x" * 5)


def test_a_product_has_versions_of_templates_that_are_there(catalog: Any, template: str) -> None:
    product, artifact = product_of(catalog, template)
    made = catalog.create_provisioning_artifact(ProductId=product, Parameters=version(template, "v2"))
    second = made["ProvisioningArtifactDetail"]["Id"]
    catalog.update_provisioning_artifact(
        ProductId=product, ProvisioningArtifactId=second, Active=False, Guidance="DEPRECATED"
    )
    found = catalog.describe_product_as_admin(Id=product)
    assert [each["Name"] for each in found["ProvisioningArtifactSummaries"]] == ["v1", "v2"]
    assert found["Tags"] == [{"Key": "sagemaker:studio-visibility", "Value": "true"}]
    assert [each["Id"] for each in catalog.describe_product(Name="train")["ProvisioningArtifacts"]] == [
        artifact
    ]
    told = catalog.describe_provisioning_artifact(ProductName="train", ProvisioningArtifactName="v1")
    assert told["Info"] == {"TemplateUrl": template}
    listed = catalog.list_provisioning_artifacts(ProductId=product)["ProvisioningArtifactDetails"]
    assert [(each["Active"], each["Guidance"]) for each in listed] == [
        (True, "DEFAULT"),
        (False, "DEPRECATED"),
    ]
    catalog.delete_provisioning_artifact(ProductId=product, ProvisioningArtifactId=second)
    with pytest.raises(ClientError, match="last provisioning artifact"):
        catalog.delete_provisioning_artifact(ProductId=product, ProvisioningArtifactId=artifact)
    catalog.update_product(Id=product, SupportEmail="ops@example.com")
    view = catalog.search_products_as_admin(Filters={"FullTextSearch": ["train"]})["ProductViewDetails"][0]
    assert view["ProductViewSummary"]["SupportEmail"] == "ops@example.com"
    catalog.delete_product(Id=product)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(None, "NoSuchKey|does not exist"), (b"a: [", "Could not read"), (b"a: b", "no Resources")],
)
def test_a_template_that_is_none_is_refused(
    client: Client, catalog: Any, template: str, body: bytes, reason: str
) -> None:
    address = template.replace("product", "other")
    if body is not None:
        client("s3").put_object(Bucket="templates", Key="train/other.yaml", Body=body)
    with pytest.raises(ClientError, match=reason):
        product_of(catalog, address, "wrong")


def test_a_product_in_a_portfolio_with_its_constraint_and_principal(catalog: Any, template: str) -> None:
    portfolio = portfolio_of(catalog)
    product, _ = product_of(catalog, template, "deploy")
    both = {"PortfolioId": portfolio, "ProductId": product}
    launch = json.dumps({"RoleArn": "arn:aws:iam::111111111111:role/Launch"})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        catalog.create_constraint(**both, Type="LAUNCH", Parameters=launch)
    for _ in range(2):
        catalog.associate_product_with_portfolio(**both)
        catalog.associate_principal_with_portfolio(
            PortfolioId=portfolio, PrincipalARN=PRINCIPAL, PrincipalType="IAM"
        )
    with pytest.raises(ClientError, match="no JSON"):
        catalog.create_constraint(**both, Type="LAUNCH", Parameters="{")
    made = catalog.create_constraint(**both, Type="LAUNCH", Parameters=launch)
    constraint = made["ConstraintDetail"]["ConstraintId"]
    catalog.update_constraint(Id=constraint, Description="as Launch")
    found = catalog.describe_constraint(Id=constraint)
    assert (found["ConstraintParameters"], found["ConstraintDetail"]["Description"]) == (launch, "as Launch")
    assert (
        len(
            catalog.list_constraints_for_portfolio(PortfolioId=portfolio, ProductId=product)[
                "ConstraintDetails"
            ]
        )
        == 1
    )
    principals = catalog.list_principals_for_portfolio(PortfolioId=portfolio)["Principals"]
    assert principals == [{"PrincipalARN": PRINCIPAL, "PrincipalType": "IAM"}]
    holders = catalog.list_portfolios_for_product(ProductId=product)["PortfolioDetails"]
    assert [each["Id"] for each in holders] == [portfolio]
    assert len(catalog.search_products_as_admin(PortfolioId=portfolio)["ProductViewDetails"]) == 1
    for call, arguments in (
        (catalog.delete_product, {"Id": product}),
        (catalog.disassociate_product_from_portfolio, both),
    ):
        with pytest.raises(ClientError, match="ResourceInUseException"):
            call(**arguments)
    catalog.delete_constraint(Id=constraint)
    catalog.disassociate_product_from_portfolio(**both)
    catalog.disassociate_principal_from_portfolio(PortfolioId=portfolio, PrincipalARN=PRINCIPAL)
    catalog.delete_product(Id=product)
    catalog.delete_portfolio(Id=portfolio)


def test_what_is_not_there_is_not_launched(catalog: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        catalog.provision_product(ProductName="none", ProvisionedProductName="mine", ProvisionToken="t")

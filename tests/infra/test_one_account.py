"""A trial: operations and two environments in one account, by the command line, and back to nothing.

What happens by itself is in its description, too, so that every key of it reaches real Terraform; and every call of the
roles is noted, so that the bootstrap's policies are held against what Terraform really needs.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.infra.conftest import ACCOUNT, Ropeway, by_environment
from tests.infra.recorded import Recorder
from tests.unit.bootstrap.test_template import allowed

ROOT = Path(__file__).parents[2]
PRODUCT = """\
Parameters: {Name: {Type: String}}
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}
"""
ROOTS = ("operations", "dev", "prod")
AUTOMATED = """\
    users: {data_scientists: [kim], leads: [lee]}
    emails: [ml@acme.example]
    monthly_budget: 50
    model_groups: {churn: Customers who leave}
    quotas: {training: {code: L-0123ABCD, value: 4}}
    network: {interface_endpoints: [sagemaker.api, sts]}
    products: {training: {title: Training, versions: {v1: training.yaml}, current: v1}}
    deliveries: {churn: {group: churn, repository: churn}}
    approval_rules: {churn: {group: churn, metrics: {metrics.accuracy.value: {at_least: 0.9}}}}
    events:
      schedules: {daily: {pipeline: churn-score, expression: "cron(0 6 * * ? *)", parameters: {Rows: "10"}}}
      failures: {score: {pipeline: churn-score}}
      drift: {score: {pipeline: churn-score, steps: [Check], retrain: churn-train}}
"""


@pytest.fixture
def client(sandbox: Server) -> Callable[[str], Any]:
    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="x",
        )

    return make


def described(ropeway: Ropeway, folder: Path) -> None:
    """A `ropeway.yaml` of one account, as `ropeway init` writes it, and what happens by itself."""
    ropeway(
        "init", "--name=acme", "--forge=github", "--organization=acme-ml", "--unit=retail", "--region=eu-west-1",
        f"--environment=dev={ACCOUNT}", f"--environment=prod={ACCOUNT}", "--shared-accounts",
    )  # fmt: skip
    file = folder / "ropeway.yaml"
    text = file.read_text(encoding="utf-8")
    assert "    # their order is the promotion path" in text
    file.write_text(
        text.replace("    # their order is", f"{AUTOMATED}    # their order is", 1), encoding="utf-8"
    )
    (folder / "training.yaml").write_text(PRODUCT, encoding="utf-8")
    # A copy: nothing that happens to the repository meanwhile has a say.
    for name in ("stacks", "modules"):
        shutil.copytree(
            ROOT / "terraform" / name, folder / "own" / name, ignore=shutil.ignore_patterns(".terraform*")
        )
    said = ropeway("validate").stdout
    assert said == "ropeway.yaml: valid, 1 unit, 2 environments, 1 account\n"


@pytest.mark.timeout(900)
def test_one_account_holds_operations_and_two_environments(
    sandbox: Server, ropeway: Ropeway, tmp_path: Path, client: Callable[[str], Any]
) -> None:
    described(ropeway, tmp_path)
    recorder = Recorder(sandbox.edge)
    sandbox.edge = recorder  # type: ignore[assignment]
    ours = ("--stacks", str(tmp_path / "own"))
    for root in ROOTS:
        ropeway("bootstrap", root, "--yes")
    stacks = client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
    assert {each["StackName"] for each in stacks} == {f"acme-retail-{root}-bootstrap" for root in ROOTS}
    for root in ROOTS:
        assert "nothing to change" in ropeway("bootstrap", root, "--yes").stderr

    made = by_environment(ropeway("infra", "apply", *ours, "--together", "--yes", "--output", "json"))
    assert {name: row["applied"] for name, row in made.items()} == dict.fromkeys(ROOTS, True)
    again = by_environment(ropeway("infra", "plan", *ours, "--output", "json"))
    assert {name: row["changes"] for name, row in again.items()} == {name: [] for name in ROOTS}
    holds_what_was_described(client)

    ropeway("infra", "destroy", *ours, "--env", "prod", "--yes", "--confirm", "acme/prod")
    again = by_environment(ropeway("infra", "plan", *ours, "--output", "json", code=3))
    assert {name: row["changes"] for name, row in again.items() if name != "prod"} == {
        "operations": [],
        "dev": [],
    }
    launched(client("servicecatalog"))
    said = ropeway("infra", "destroy", *ours, "--together", "--yes", "--confirm", "acme").stderr
    assert "retail/dev: launched from the project catalog, and goes too: churn (Training by root)" in said
    assert "retail/dev: terminated churn (Training by root)" in said
    holds_nothing(client)
    for word in ("plan", "apply"):
        patterns = allowed(word)
        missing = [
            action
            for action in sorted(recorder.actions(f"-{word}"))
            if not any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
        ]
        assert missing == [], f"the role {word} called what it may not"


def launched(catalog: Any) -> None:
    """A user's own project, made from the catalog."""
    (product,) = catalog.search_products_as_admin()["ProductViewDetails"]
    identity = product["ProductViewSummary"]["ProductId"]
    (version,) = catalog.list_provisioning_artifacts(ProductId=identity)["ProvisioningArtifactDetails"]
    catalog.provision_product(
        ProductId=identity,
        ProvisioningArtifactId=version["Id"],
        ProvisionedProductName="churn",
        ProvisionToken="churn",
        ProvisioningParameters=[{"Key": "Name", "Value": f"acme-retail-dev-churn-{ACCOUNT}"}],
    )


def holds_what_was_described(client: Callable[[str], Any]) -> None:
    """Each environment has its own of everything; what happens by itself is there."""
    rules = {each["Name"] for each in client("events").list_rules(NamePrefix="acme-")["Rules"]}
    for environment in ("dev", "prod"):
        for word in ("score-failed", "score-drift", "churn-approval", "churn-rules-approval"):
            assert f"acme-retail-{environment}-{word}" in rules
    schedules = client("scheduler").list_schedules()["Schedules"]
    assert {each["Name"] for each in schedules} == {
        "acme-retail-dev-daily",
        "acme-retail-prod-daily",
    }
    groups = client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [each["ModelPackageGroupName"] for each in groups] == ["churn"]
    products = client("servicecatalog").search_products_as_admin()["ProductViewDetails"]
    assert [each["ProductViewSummary"]["Name"] for each in products] == ["Training"]
    endpoints = client("ec2").describe_vpc_endpoints(
        Filters=[{"Name": "vpc-endpoint-type", "Values": ["Interface"]}]
    )["VpcEndpoints"]
    assert sorted(each["ServiceName"].rpartition("eu-west-1.")[2] for each in endpoints) == [
        "sagemaker.api",
        "sagemaker.api",
        "sts",
        "sts",
    ]
    budgets = client("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert {each["BudgetName"] for each in budgets} == {f"acme-retail-{root}-monthly" for root in ROOTS}


def holds_nothing(client: Callable[[str], Any]) -> None:
    """Only what bootstrap made is left."""
    buckets = [each["Name"] for each in client("s3").list_buckets()["Buckets"]]
    assert sorted(buckets) == sorted(f"acme-retail-{root}-tfstate-{ACCOUNT}" for root in ROOTS)
    roles = client("iam").list_roles(MaxItems=1000)["Roles"]
    assert {each["RoleName"] for each in roles if each["RoleName"].startswith("acme-")} == {
        f"acme-retail-{root}-{word}" for root in ROOTS for word in ("plan", "apply", "break-glass")
    }
    assert client("ssm").describe_parameters()["Parameters"] == []
    assert client("events").list_rules(NamePrefix="acme-")["Rules"] == []
    assert client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    vpcs = client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    assert vpcs == []

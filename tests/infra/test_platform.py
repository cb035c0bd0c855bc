"""The whole platform on a sandbox, by the command line: from `ropeway init` to four accounts, and back to nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.infra.conftest import Ropeway, by_environment

ACCOUNTS = {
    "operations": "444444444444",
    "dev": "111111111111",
    "preprod": "222222222222",
    "prod": "333333333333",
}
# What no state may hold: access keys, private keys, tokens of forges, values of secrets.
SECRET = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|PRIVATE KEY-----|\bgh[pousr]_\w{30}|\bglpat-\w{20}|\"secret_string\": \"[^\"]"
)


@pytest.fixture
def client(sandbox: Server) -> Callable[..., Any]:
    def make(service: str, environment: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=ACCOUNTS[environment],
            aws_secret_access_key="x",
        )

    return make


@pytest.mark.timeout(900)
def test_from_init_to_four_accounts_and_back(ropeway: Ropeway, client: Callable[..., Any]) -> None:
    environments = [f"--environment={name}={ACCOUNTS[name]}" for name in ("dev", "preprod", "prod")]
    ropeway(
        "init", "--name=acme", "--forge=github", "--organization=acme-ml", "--unit=retail", "--region=eu-west-1",
        f"--operations={ACCOUNTS['operations']}", *environments,
    )  # fmt: skip
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: ropeway("bootstrap", name, "--yes"), ACCOUNTS))

    made = by_environment(ropeway("infra", "apply", "--together", "--yes", "--output", "json"))
    assert {name: row["applied"] for name, row in made.items()} == dict.fromkeys(ACCOUNTS, True)
    assert all(row["add"] >= 30 for row in made.values()), made
    again = by_environment(ropeway("infra", "plan", "--output", "json"))
    assert {name: row["changes"] for name, row in again.items()} == {name: [] for name in ACCOUNTS}

    pages = client("ssm", "dev").get_paginator("get_parameters_by_path")
    published = pages.paginate(Path="/ropeway/acme/retail/dev/", Recursive=True)
    names = {each["Name"] for page in published for each in page["Parameters"]}
    assert "/ropeway/acme/retail/dev/network/vpc-id" in names
    for name, account in ACCOUNTS.items():
        bucket = f"acme-retail-{name}-tfstate-{account}"
        body = client("s3", name).get_object(Bucket=bucket, Key="platform/terraform.tfstate")["Body"]
        assert not SECRET.search(body.read().decode()), f"the state of {name} holds a secret"

    bucket = f"acme-retail-prod-data-{ACCOUNTS['prod']}"
    client("s3", "prod").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    found = by_environment(ropeway("infra", "drift", "--env", "prod", "--output", "json", code=3))
    assert [each["kind"] for each in found["prod"]["drift"]] == ["aws_s3_bucket_versioning"]

    client("s3", "prod").put_object(Bucket=bucket, Key="rows.csv", Body=b"1,2")
    ropeway("infra", "destroy", "--together", "--yes", "--confirm", "acme")
    for name, account in ACCOUNTS.items():
        left = [each["Name"] for each in client("s3", name).list_buckets()["Buckets"]]
        assert left == [f"acme-retail-{name}-tfstate-{account}"]
        vpcs = client("ec2", name).describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])[
            "Vpcs"
        ]
        assert vpcs == []
        assert client("dynamodb", name).list_tables()["TableNames"] == []
        assert client("logs", name).describe_log_groups(logGroupNamePrefix="/ropeway/")["logGroups"] == []

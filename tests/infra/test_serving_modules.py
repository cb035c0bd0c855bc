"""The module endpoint on a live sandbox: what Terraform applies really answers, before and after an update in place.

That the example's second plan is empty and that it is destroyed is what ``test_modules`` shows.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import boto3

from ropeway.sandbox.server import Server
from tests.infra.conftest import ACCOUNT, Terraform

ROOT = Path(__file__).parents[2]
CALL = """
provider "aws" {
  max_retries = 3
}

module "endpoint" {
  source = "../modules/endpoint/examples/basic"
}
"""


def ask(sandbox: Server) -> tuple[str, str]:
    """What the endpoint answers, and the configuration that it serves."""
    where = {
        "endpoint_url": sandbox.endpoint,
        "region_name": "eu-west-1",
        "aws_access_key_id": ACCOUNT,
        "aws_secret_access_key": "secret",
    }
    answer = boto3.client("sagemaker-runtime", **where).invoke_endpoint(
        EndpointName="example-endpoint", Body=b"abc\nde", ContentType="text/csv"
    )
    told = boto3.client("sagemaker", **where).describe_endpoint(EndpointName="example-endpoint")
    return answer["Body"].read().decode(), told["EndpointConfigName"]


def test_an_endpoint_is_applied_asked_and_updated_in_place(
    tmp_path: Path, sandbox: Server, on_sandbox: dict[str, str]
) -> None:
    modules = tmp_path / "modules"
    shutil.copytree(ROOT / "terraform" / "modules", modules, ignore=shutil.ignore_patterns(".terraform*"))
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text(CALL)
    terraform = Terraform(root, on_sandbox)
    terraform.well("init", "-input=false")
    terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30")
    answer, config = ask(sandbox)
    assert answer == "3\n2"
    example = modules / "endpoint" / "examples" / "basic" / "main.tf"
    example.write_text(example.read_text().replace("percentage = 20", "percentage = 30"))
    said = terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30")
    assert "module.endpoint.module.endpoint.aws_sagemaker_endpoint.this: Modifications complete" in said
    answer, updated = ask(sandbox)
    assert answer == "3\n2"
    assert updated != config
    assert terraform.changes() == []

"""Platforms of tiny stacks: real Terraform with its built-in resources only, so that a run takes a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import Result

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke

# The second resource waits for a file, or fails when another one is there.
STACK = """
terraform {
  required_version = ">= 1.10"
}

variable "prefix" {
  type = string
}

variable "emails" {
  type    = list(string)
  default = []
}

resource "terraform_data" "first" {
  input = [var.prefix, var.emails]
}

resource "terraform_data" "second" {
  input = terraform_data.first.output

  provisioner "local-exec" {
    command = "echo $PPID > HERE/terraform.pid; sh HERE/gate.sh ${var.prefix}"
  }
}

resource "terraform_data" "third" {
  input = terraform_data.second.id
}

output "prefix" {
  value = var.prefix
}
"""
GATE = """
if [ -e HERE/fail-$1 ]; then echo "told to fail" >&2; exit 1; fi
[ -e HERE/hold ] && touch HERE/held
while [ -e HERE/hold ]; do sleep 0.05; done
true
"""
FILE = """\
version: 1
name: acme
forge: {{kind: github, organization: acme-ml}}
ci: github-actions
units:
  {unit}:
    region: eu-west-1
    operations: "{operations}"
    environments:
      dev: {{account: "{dev}"}}
      prod: {{account: "{prod}"}}
"""
_numbers = iter(range(600000000000, 700000000000, 10))

Client = Callable[..., Any]


@dataclass(frozen=True)
class Project:
    """A described platform with its stacks, in accounts of its own.

    `project("apply", "--yes")` runs `ropeway infra apply --yes`.
    """

    folder: Path
    unit: str
    accounts: dict[str, str]
    invoke: Invoke
    client: Client

    def __call__(self, verb: str, *args: str, file: str = "ropeway.yaml") -> Result:
        return self.invoke("infra", verb, "--file", file, *self._stacks(verb), *args)

    def _stacks(self, verb: str) -> list[str]:
        return [] if verb in {"graph", "output"} else ["--stacks", str(self.folder / "stacks-of-ours")]

    def arguments(self, verb: str, *args: str) -> list[str]:
        return ["infra", verb, *self._stacks(verb), *args]

    def place(self, environment: str) -> Path:
        return self.folder / ".ropeway" / "infra" / self.unit / environment

    def bucket(self, environment: str) -> str:
        return f"acme-{self.unit}-{environment}-tfstate-{self.accounts[environment]}"

    def s3(self, environment: str) -> Any:
        return self.client("s3", self.accounts[environment])

    def locked(self, environment: str) -> bool:
        found = self.s3(environment).list_objects_v2(Bucket=self.bucket(environment)).get("Contents", ())
        return any(each["Key"].endswith(".tflock") for each in found)


@pytest.fixture
def client(sandbox: Server) -> Client:
    def make(service: str, account: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=account,
            aws_secret_access_key="x",
        )

    return make


def stacks(folder: Path, text: str) -> None:
    """Write both stacks, and the gate that they wait at."""
    for name in ("operations", "environment"):
        stack = folder / "stacks-of-ours" / "stacks" / name
        stack.mkdir(parents=True, exist_ok=True)
        (stack / "main.tf").write_text(text.replace("HERE", str(folder)))
    (folder / "gate.sh").write_text(GATE.replace("HERE", str(folder)))


@pytest.fixture
def described(folder: Path, invoke: Invoke, client: Client) -> Project:
    """A platform whose accounts are not prepared."""
    number = next(_numbers)
    accounts = {name: str(number + each) for each, name in enumerate(("operations", "dev", "prod"))}
    unit = f"u{str(number)[3:]}"
    (folder / "ropeway.yaml").write_text(FILE.format(unit=unit, **accounts))
    stacks(folder, STACK)
    return Project(folder, unit, accounts, invoke, client)


@pytest.fixture
def project(described: Project) -> Project:
    """A platform with the buckets and keys that bootstrap makes."""
    for environment in described.accounts:
        kms = described.client("kms", described.accounts[environment])
        kms.create_alias(
            AliasName=f"alias/acme-{described.unit}-{environment}-state",
            TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"],
        )
        described.s3(environment).create_bucket(
            Bucket=described.bucket(environment),
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        )
    return described

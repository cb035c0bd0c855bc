"""The driver with the real AWS provider: apply, drift, destroy, and the proof that nothing is left."""

from __future__ import annotations

import json

import pytest

from tests.cli.infra.conftest import Project, stacks

STACK = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "region" {
  type = string
}

variable "account" {
  type = string
}

variable "tags" {
  type = map(string)
}

variable "names" {
  type = map(map(string))
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account]

  default_tags {
    tags = var.tags
  }
}

resource "aws_sns_topic" "this" {
  name = var.names.topic.notifications
}

resource "aws_s3_bucket" "this" {
  bucket = var.names.bucket.logs
}
"""


@pytest.mark.timeout(240)
def test_a_life_with_drift_and_leftovers(project: Project) -> None:
    stacks(project.folder, STACK)
    account, bucket = project.accounts["dev"], f"acme-{project.unit}-dev-logs-{project.accounts['dev']}"
    applied = project("apply", "--env", "dev", "--yes")
    assert applied.exit_code == 0, applied.output
    sns = project.client("sns", account)
    topic = f"arn:aws:sns:eu-west-1:{account}:acme-{project.unit}-dev-notifications"
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="by hand")
    found = project("drift", "--env", "dev", "--output", "json")
    assert found.exit_code == 3
    assert json.loads(found.stdout)["roots"][0]["drift"] == [
        {
            "address": "aws_sns_topic.this",
            "action": "update",
            "kind": "aws_sns_topic",
            "reason": "display_name",
        }
    ]

    s3 = project.s3("dev")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="x", Body=content)
    s3.delete_object(Bucket=bucket, Key="x")  # a delete marker above two versions
    stray = sns.create_topic(
        Name="by-hand",
        Tags=[
            {"Key": "ropeway:platform", "Value": "acme"},
            {"Key": "ropeway:unit", "Value": project.unit},
            {"Key": "ropeway:environment", "Value": "dev"},
        ],
    )["TopicArn"]
    name = f"acme/{project.unit}/dev"
    destroyed = project("destroy", "--unit", project.unit, "--env", "dev", "--yes", "--confirm", name)
    assert destroyed.exit_code == 1
    assert f"emptied {bucket}: 3 versions" in destroyed.stderr
    assert destroyed.stdout == f"{project.unit}/dev: 2 destroyed, 1 left\n  {stray}\n"
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == [project.bucket("dev")]

    sns.delete_topic(TopicArn=stray)
    again = project("destroy", "--unit", project.unit, "--env", "dev", "--yes", "--confirm", name)
    assert (again.exit_code, again.stdout) == (0, f"{project.unit}/dev: 0 destroyed, nothing left\n")

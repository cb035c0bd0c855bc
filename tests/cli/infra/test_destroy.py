"""`ropeway infra destroy` and `drift`: exit codes, and what is left is listed."""

from __future__ import annotations

import json

from tests.cli.infra.conftest import Project


def test_what_is_left_is_listed_and_fails(project: Project) -> None:
    assert project("apply", "--yes").exit_code == 0
    assert project("drift", "--env", "dev").stdout == f"{project.unit}/dev: as it was made\n"
    own = {"ropeway:platform": "acme", "ropeway:unit": project.unit, "ropeway:environment": "prod"}
    sns = project.client("sns", project.accounts["prod"])
    tags = [{"Key": key, "Value": value} for key, value in own.items()]
    stray = sns.create_topic(Name="by-hand", Tags=tags)["TopicArn"]
    bucket = f"acme-{project.unit}-dev-data-{project.accounts['dev']}"
    s3 = project.s3("dev")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")

    destroyed = project("destroy", "--yes", "--confirm", "acme")
    assert destroyed.exit_code == 1
    assert destroyed.stdout.splitlines() == [
        f"{project.unit}/prod: 3 destroyed, 1 left",
        f"  {stray}",
        f"{project.unit}/dev: 3 destroyed, 1 left",
        f"  arn:aws:s3:::{bucket}",
        f"{project.unit}/operations: 3 destroyed, nothing left",
    ]
    assert f"{project.unit}/dev: emptied {bucket}: 1 versions" in destroyed.stderr

    sns.delete_topic(TopicArn=stray)
    s3.delete_bucket(Bucket=bucket)
    again = project("destroy", "--yes", "--confirm", "acme", "--output", "json")
    assert again.exit_code == 0
    assert [(each["destroyed"], each["left"]) for each in json.loads(again.stdout)["roots"]] == [(0, [])] * 3


def test_a_saved_plan_survives_a_destroy_that_is_called_off(project: Project) -> None:
    assert project("plan", "--env", "dev").exit_code == 3
    refused = project("destroy", "--env", "dev", "--yes", "--confirm", "acme")
    assert refused.exit_code == 2
    applied = project("apply", "--env", "dev")
    assert applied.exit_code == 0, applied.output
    assert "as saved" in applied.stderr

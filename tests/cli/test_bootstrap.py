"""`ropeway bootstrap` on a sandbox: plan, do, do again, change; by the AWS CLI and by bootstrap.sh, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.bootstrap import TEMPLATE
from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke
from tests.unit.config.examples import GOOD

Client = Callable[..., Any]


@pytest.fixture(autouse=True)
def here(sandbox: Server) -> None:
    """No command of this module starts a sandbox of its own."""


@pytest.fixture
def client(sandbox: Server) -> Client:
    def make(service: str, account: str, region: str = "eu-west-1", **keys: str) -> Any:
        given = {"aws_access_key_id": account, "aws_secret_access_key": "x", **keys}
        return boto3.client(service, endpoint_url=sandbox.endpoint, region_name=region, **given)

    return make


def described(folder: Path, unit: str, *accounts: str, region: str = "eu-west-1") -> None:
    """Writes a description of a unit in accounts of its own."""
    text = GOOD.replace("retail", unit).replace("eu-west-1", region)
    for old, new in zip(
        ("111111111111", "222222222222", "333333333333", "444444444444"), accounts, strict=False
    ):
        text = text.replace(old, new)
    (folder / "ropeway.yaml").write_text(text, encoding="utf-8")


def outputs(text: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(text)["outputs"]
    return found


def test_a_plan_shows_and_changes_nothing(invoke: Invoke, folder: Path, client: Client) -> None:
    described(folder, "planned", "510000000001")
    result = invoke("bootstrap", "dev", "--plan")
    assert result.exit_code == 3
    assert result.stdout == "nothing was changed\n"
    assert "  + AWS::S3::Bucket          StateBucket\n" in result.stderr
    assert "(account 510000000001, eu-west-1)" in result.stderr
    assert client("s3", "510000000001").list_buckets()["Buckets"] == []
    assert client("cloudformation", "510000000001").describe_stacks()["Stacks"] == []


def test_it_prepares_an_account_once(invoke: Invoke, folder: Path, client: Client) -> None:
    described(folder, "made", "510000000002")
    result = invoke("bootstrap", "dev", "--yes")
    assert result.exit_code == 0, result.output
    assert "make the environment 'made-dev', for the branch 'main' only" in result.stdout
    assert 'bucket = "acme-made-dev-tfstate-510000000002"  region = "eu-west-1"' in result.stdout
    again = invoke("bootstrap", "dev", "--yes", "--output", "json")
    assert "acme-made-dev-bootstrap: nothing to change\n" in again.stderr
    assert json.loads(again.stdout)["changes"] == []
    provider = "arn:aws:iam::510000000002:oidc-provider/token.actions.githubusercontent.com"
    assert outputs(again.stdout)["OidcProviderArn"] == provider
    role = client("iam", "510000000002").get_role(RoleName="acme-made-dev-apply")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/acme-made-dev-boundary")
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"].endswith(
        ":environment:made-dev"
    )
    assert {"Key": "ropeway:unit", "Value": "made"} in role["Tags"]
    assert invoke("bootstrap", "dev", "--plan").exit_code == 0


def test_a_change_of_the_description_is_a_change_of_the_stack(
    invoke: Invoke, folder: Path, client: Client
) -> None:
    described(folder, "changed", "510000000003")
    done = invoke("bootstrap", "dev", "--yes")
    assert done.exit_code == 0, done.output
    file = folder / "ropeway.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "terraform: {lock_table: true}\n", encoding="utf-8")
    result = invoke("bootstrap", "dev", "--yes", "--output", "json")
    assert [change["logical_id"] for change in json.loads(result.stdout)["changes"]] == ["StateLockTable"]
    assert client("dynamodb", "510000000003").describe_table(TableName="acme-changed-dev-tflock")


def test_units_in_one_account_share_the_identity_provider(invoke: Invoke, folder: Path) -> None:
    described(folder, "first", "510000000004")
    done = invoke("bootstrap", "dev", "--yes")
    assert done.exit_code == 0, done.output
    described(folder, "second", "510000000004")
    result = invoke("bootstrap", "dev", "--yes", "--output", "json")
    assert result.exit_code == 0, result.output
    changes = {change["logical_id"] for change in json.loads(result.stdout)["changes"]}
    assert "StateBucket" in changes
    assert "OidcProvider" not in changes
    assert outputs(result.stdout)["OidcProviderArn"].endswith(
        "oidc-provider/token.actions.githubusercontent.com"
    )
    assert invoke("bootstrap", "dev", "--plan").exit_code == 0


def test_it_works_in_the_first_region_too(invoke: Invoke, folder: Path, client: Client) -> None:
    described(folder, "us", "510000000005", region="us-east-1")
    assert invoke("bootstrap", "operations", "--yes").exit_code == 0
    bucket = "acme-us-operations-tfstate-444444444444"
    assert (
        client("s3", "444444444444", "us-east-1").get_bucket_location(Bucket=bucket)["LocationConstraint"]
        is None
    )


def test_state_is_deleted_by_the_break_glass_role_only(invoke: Invoke, folder: Path, client: Client) -> None:
    account, bucket = "510000000006", "acme-kept-dev-tfstate-510000000006"
    described(folder, "kept", account)
    done = invoke("bootstrap", "dev", "--yes")
    assert done.exit_code == 0, done.output
    policy = json.loads(client("s3", account).get_bucket_policy(Bucket=bucket)["Policy"])
    # The sandbox speaks plain HTTP to S3: without the statement on TLS what is left is what is asked here.
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != "OnlyTls"]
    sts = client("sts", account)

    def as_role(role: str) -> Any:
        keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="test")[
            "Credentials"
        ]
        return client(
            "s3",
            keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    break_glass = as_role("acme-kept-dev-break-glass")
    break_glass.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    apply = as_role("acme-kept-dev-apply")
    for key in ("terraform.tfstate", "terraform.tfstate.tflock"):
        apply.put_object(Bucket=bucket, Key=key, Body=b"{}")
    apply.delete_object(Bucket=bucket, Key="terraform.tfstate.tflock")
    with pytest.raises(ClientError, match="AccessDenied"):
        apply.delete_object(Bucket=bucket, Key="terraform.tfstate")
    version = apply.list_object_versions(Bucket=bucket, Prefix="terraform.tfstate")["Versions"][0][
        "VersionId"
    ]
    with pytest.raises(ClientError, match="AccessDenied"):
        apply.delete_object(Bucket=bucket, Key="terraform.tfstate", VersionId=version)
    break_glass.delete_object(Bucket=bucket, Key="terraform.tfstate")


def test_a_state_without_its_stack_is_not_run_into(invoke: Invoke, folder: Path, client: Client) -> None:
    described(folder, "left", "510000000007")
    done = invoke("bootstrap", "dev", "--yes")
    assert done.exit_code == 0, done.output
    client("cloudformation", "510000000007").delete_stack(StackName="acme-left-dev-bootstrap")
    result = invoke("bootstrap", "dev", "--yes")
    assert result.exit_code == 1
    assert "error: the bucket 'acme-left-dev-tfstate-510000000007' exists, and no stack" in result.stderr


def test_somebody_elses_bucket_of_that_name_fails_the_plan(
    invoke: Invoke, folder: Path, client: Client
) -> None:
    described(folder, "taken", "510000000008")
    client("s3", "510000000009", "us-east-1").create_bucket(Bucket="acme-taken-dev-tfstate-510000000008")
    result = invoke("bootstrap", "dev", "--yes")
    assert result.exit_code == 1
    assert "exists, and no stack" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("dev",), "error: nobody can be asked\nhint: look at the plan with --plan, and give --yes\n"),
        (("live", "--yes"), "error: unit 'asked' has no environment 'live'\n"),
        (("dev", "--unit", "x", "--yes"), "error: there is no unit 'x'\n"),
        (
            ("dev", "--yes", "--account", "999999999999"),
            "error: --account is 999999999999, and dev of asked is",
        ),
        (("dev", "--yes", "--file", "no.yaml"), "error: there is no 'no.yaml'\n"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_asked_wrongly_is_told(
    invoke: Invoke, folder: Path, sandbox: Server, arguments: tuple[str, ...], told: str
) -> None:
    described(folder, "asked", "510000000010")
    result = invoke("bootstrap", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_wrong_description_is_told_with_every_problem(invoke: Invoke, folder: Path) -> None:
    (folder / "ropeway.yaml").write_text(
        GOOD.replace("acme\n", "Acme\n").replace("ci:", "cy:"), encoding="utf-8"
    )
    result = invoke("bootstrap", "dev", "--yes")
    assert result.exit_code == 2
    assert result.stderr.count("error: ropeway.yaml:") == 3


def _run(
    sandbox: Server, account: str, *command: str, region: str = "eu-west-1"
) -> subprocess.CompletedProcess[str]:
    own = {"AWS_ENDPOINT_URL": sandbox.endpoint, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "x"}
    tools = str(Path(sys.executable).parent)
    path = {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    return subprocess.run(
        list(command), env={**os.environ, **own, **path}, capture_output=True, text=True, timeout=110, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_script_deploys_the_same_and_may_be_run_again(sandbox: Server, client: Client) -> None:
    script = [
        str(TEMPLATE.parent / "bootstrap.sh"),
        "--prefix",
        "acme-shell-dev",
        "--deployment",
        "shell-dev",
    ]
    script += ["--forge", "github", "--repository", "acme-ml/platform", "--yes"]
    for _ in range(2):
        result = _run(sandbox, "520000000001", *script)
        assert result.returncode == 0, result.stderr
        assert "StateBucket\tacme-shell-dev-tfstate-520000000001" in result.stdout
    assert "No changes to deploy" in result.stderr
    assert client("iam", "520000000001").get_role(RoleName="acme-shell-dev-plan")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--prefix", "acme"), "--prefix must be PLATFORM-UNIT-ENVIRONMENT"),
        (("--prefix", "a-b-c", "--forge", "github"), "--deployment is missing"),
        (("--prefix",), "--prefix needs a value"),
        (("--colour", "red"), "unknown option --colour"),
        (
            ("--prefix", "a-b-c", "--deployment", "b-c", "--forge", "github", "--repository", "a/b"),
            "give --yes",
        ),
    ],
)
def test_the_script_checks_what_it_is_given(sandbox: Server, arguments: tuple[str, ...], told: str) -> None:
    result = _run(sandbox, "520000000002", str(TEMPLATE.parent / "bootstrap.sh"), *arguments)
    assert result.returncode == 2
    assert told in result.stderr


def test_the_aws_cli_deploys_the_template_alone(sandbox: Server) -> None:
    values = ["Prefix=acme-cli-dev", "Deployment=cli-dev", "Forge=none", "Repository=acme-ml/platform"]
    result = _run(
        sandbox, "520000000003", "aws", "cloudformation", "deploy", "--stack-name", "acme-cli-dev-bootstrap",
        "--template-file", str(TEMPLATE), "--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides", *values,
        region="us-east-1",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "Successfully created/updated stack" in result.stdout

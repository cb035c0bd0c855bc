"""Both stacks: their form, their own tests, and one unit's operations and first environment really applied together.

What is applied is what ``tfvars`` says; what SSM, IAM and the state then hold is compared with the configuration.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.config.model import Platform
from ropeway.config.names import Names
from ropeway.config.tfvars import stack, tfvars
from ropeway.sandbox.server import Server
from tests.infra.conftest import Terraform
from tests.unit.config.examples import platform

ROOT = Path(__file__).parents[2]
STACKS = ("environment", "operations")
YAML = """\
version: 1
name: acme
forge: {kind: github, organization: acme-ml}
ci: github-actions
compatibility: s1
units:
  retail:
    region: eu-west-1
    operations: {account: "444444444444", monthly_budget: 300}
    users: {data_scientists: [kim], leads: [lee]}
    emails: [ml@acme.example]
    tags: {owner: ml}
    retraining:
      severity:
        environments: [dev]
        group: severity
        train: severity-train
        inference: severity-inference
        checks: [Check]
        schedule: cron(0 23 * * ? *)
    environments:
      dev: {account: "111111111111", monthly_budget: 500}
      preprod: {account: "222222222222"}
      prod: {account: "333333333333"}
"""
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
# The kinds of names that Terraform's types have, and the attribute that holds them.
NAMED = {
    "aws_budgets_budget": ("budget", "name"),
    "aws_dynamodb_table": ("table", "name"),
    "aws_ecr_repository": ("repository", "name"),
    "aws_iam_policy": ("policy", "name"),
    "aws_iam_role": ("role", "name"),
    "aws_kms_alias": ("key_alias", "name"),
    "aws_lambda_function": ("function", "function_name"),
    "aws_s3_bucket": ("bucket", "bucket"),
    "aws_sagemaker_domain": ("domain", "domain_name"),
    "aws_secretsmanager_secret": ("secret", "name"),
    "aws_servicecatalog_portfolio": ("portfolio", "name"),
    "aws_sns_topic": ("topic", "name"),
}


def copy(target: Path) -> Path:
    """A copy of the Terraform folder, as Terraform writes beside it."""
    shutil.copytree(ROOT / "terraform", target, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    return target


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_is_complete(name: str) -> None:
    folder = ROOT / "terraform" / "stacks" / name
    for file in (
        "main.tf",
        "variables.tf",
        "outputs.tf",
        "versions.tf",
        "README.md",
        "tests/basic.tftest.hcl",
    ):
        assert (folder / file).is_file(), f"{name} lacks {file}"


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_only_composes(name: str) -> None:
    text = "\n".join(file.read_text() for file in (ROOT / "terraform" / "stacks" / name).glob("*.tf"))
    kinds = set(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
    assert kinds <= {"aws_ssm_parameter", "aws_secretsmanager_secret"}


@pytest.mark.parametrize("name", STACKS)
def test_a_stacks_own_tests_pass(tmp_path: Path, attached: dict[str, str], name: str) -> None:
    terraform = Terraform(copy(tmp_path / "terraform") / "stacks" / name, attached)
    terraform.well("init", "-input=false", "-backend=false")
    terraform.well("validate")
    assert " 0 failed" in terraform.well("test")


@dataclass(frozen=True)
class Applied:
    """One root after apply.

    Attributes:
        given: its variables.
        state: every managed resource of its state, as Terraform's JSON has them.
    """

    names: Names
    terraform: Terraform
    server: Server
    given: dict[str, Any]
    state: list[dict[str, Any]]

    def client(self, service: str) -> Any:
        """A client of the root's account."""
        return boto3.client(
            service,
            endpoint_url=self.server.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=self.names.account,
            aws_secret_access_key="secret",
        )

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Attributes of every resource of a type."""
        return [each["values"] for each in self.state if each["type"] == kind]


def apply(
    folder: Path, server: Server, bare: dict[str, str], described: Platform, environment: str
) -> Applied:
    """Apply one root."""
    site = described.site("retail", environment)
    root = copy(folder / environment) / "stacks" / stack(environment)
    given = {**tfvars(described, "retail", environment), "disposable": True}
    (root / "ropeway.auto.tfvars.json").write_text(json.dumps(given))
    env = {**bare, "AWS_ENDPOINT_URL": server.endpoint, "AWS_ACCESS_KEY_ID": site.account}
    terraform = Terraform(root, env)
    terraform.well("init", "-input=false")
    said = terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30")
    assert "Warning" not in said, said
    document = json.loads(terraform.well("show", "-json"))
    return Applied(site.names, terraform, server, given, list(resources(document["values"]["root_module"])))


def resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every managed resource of a module and those in it."""
    yield from (each for each in module.get("resources", ()) if each["mode"] == "managed")
    for child in module.get("child_modules", ()):
        yield from resources(child)


@pytest.fixture(scope="module")
def unit(
    sandbox: Server, bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Applied]]:
    """Operations and the first environment, applied at once: neither needs the other."""
    folder, described = tmp_path_factory.mktemp("stacks"), platform(YAML)
    names = ("operations", "dev")
    with ThreadPoolExecutor(len(names)) as pool:
        applied = list(pool.map(lambda name: apply(folder, sandbox, bare, described, name), names))
        yield dict(zip(names, applied, strict=True))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["operations", "dev"])
def test_every_parameter_is_published_with_its_value(unit: dict[str, Applied], name: str) -> None:
    root, ssm = unit[name], unit[name].client("ssm")
    wanted = set(root.names.parameters().values()) | set(root.names.s1_parameters().values())
    pages = ssm.get_paginator("describe_parameters").paginate()
    found = {each["Name"]: each for page in pages for each in page["Parameters"]}
    assert set(found) == wanted
    held = {name: ssm.get_parameter(Name=name)["Parameter"] for name in found}
    assert all(each["Type"] in ("String", "StringList") and each["Value"] for each in held.values())
    told = root.given["parameters"]
    for name, key in ((name, told[name]["key"]) for name in held):
        same = [held[other]["Value"] for other in held if told[other]["key"] == key]
        assert len(set(same)) == 1, f"{name} differs from the other name of {key}"


def test_parameters_name_what_is_there(unit: dict[str, Applied]) -> None:
    root, ssm = unit["dev"], unit["dev"].client("ssm")

    def value(key: str) -> str:
        text: str = ssm.get_parameter(Name=root.names.parameter(key))["Parameter"]["Value"]
        return text

    ec2, iam, kms = root.client("ec2"), root.client("iam"), root.client("kms")
    network = ec2.describe_subnets(SubnetIds=value("network/private-subnet-ids").split(","))["Subnets"]
    assert {each["VpcId"] for each in network} == {value("network/vpc-id")}
    group = ec2.describe_security_groups(GroupIds=[value("network/security-group-id")])["SecurityGroups"][0]
    assert group["GroupName"] == root.names.name("security_group", "workloads")
    for purpose in ("data", "artifacts"):
        alias = root.names.name("key_alias", purpose)
        assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == value(f"keys/{purpose}")
    for key in root.names.parameters():
        if key.startswith("buckets/"):
            root.client("s3").head_bucket(Bucket=value(key))
        if key.startswith("roles/"):
            role = iam.get_role(RoleName=value(key).rpartition("/")[2])["Role"]
            assert role["Arn"] == value(key)
            assert role["RoleName"] == root.names.name("role", key.rpartition("/")[2])
        if key.startswith("policies/"):
            iam.get_policy(PolicyArn=value(key))
    for function in ("create-project", "start-delivery"):
        found = root.client("lambda").get_function(FunctionName=root.names.name("function", function))
        assert found["Configuration"]["FunctionArn"] == value(f"functions/{function}/arn")
    registry = (
        unit["operations"]
        .client("ssm")
        .get_parameter(Name=unit["operations"].names.parameter("buckets/registry"))
    )
    assert registry["Parameter"]["Value"] == value("registry/bucket")


@pytest.mark.parametrize("name", ["operations", "dev"])
def test_everything_is_tagged(unit: dict[str, Applied], name: str) -> None:
    root = unit[name]
    bare = [
        each["address"]
        for each in root.state
        if "tags_all" in each["values"]
        and not root.given["tags"].items() <= (each["values"]["tags_all"] or {}).items()
    ]
    assert bare == []
    assert root.given["tags"]["owner"] == "ml"


@pytest.mark.parametrize("name", ["operations", "dev"])
def test_names_are_those_of_the_configuration(unit: dict[str, Applied], name: str) -> None:
    root = unit[name]
    table = root.names.table()
    loops = {
        f"{root.names.prefix}-{word}{more}"
        for word in root.given.get("retraining", ())
        for more in ("", "-retraining")
    }
    for kind, (word, attribute) in NAMED.items():
        strange = {values[attribute] for values in root.of(kind)} - set(table.get(word, {}).values()) - loops
        assert strange == set(), f"{kind} has names that the configuration does not derive"


def test_a_use_case_that_retrains_has_its_function_and_its_group(unit: dict[str, Applied]) -> None:
    dev, operations = unit["dev"], unit["operations"]
    rule = f"{dev.names.prefix}-severity-data-drift"
    (target,) = dev.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    function = dev.client("lambda").get_function(FunctionName=f"{dev.names.prefix}-severity-retraining")
    assert target["Arn"] == function["Configuration"]["FunctionArn"]
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 1
    told = json.loads(function["Configuration"]["Environment"]["Variables"]["RETRAINING"])
    assert (told["train"], told["windows"]) == ("severity-train", {"needed": 1, "of": 1})
    waiting = operations.client("events").list_targets_by_rule(
        Rule=f"{operations.names.prefix}-severity-approval"
    )
    assert [each["Arn"].rpartition(":")[2] for each in waiting["Targets"]] == [
        operations.names.name("topic", "notifications")
    ]
    policy = operations.client("sagemaker").get_model_package_group_policy(ModelPackageGroupName="severity")
    statements = {each["Sid"]: each for each in json.loads(policy["ResourcePolicy"])["Statement"]}
    assert statements["Register"]["Principal"] == {"AWS": f"arn:aws:iam::{dev.names.account}:root"}


def test_people_have_their_profiles(unit: dict[str, Applied]) -> None:
    root = unit["dev"]
    found = root.client("sagemaker").list_user_profiles()["UserProfiles"]
    wanted = {root.names.profile("data_scientists", "kim"), root.names.profile("leads", "lee")}
    assert {each["UserProfileName"] for each in found} == wanted


def own_roles(root: Applied) -> list[dict[str, Any]]:
    """Roles that are not the sandbox's own."""
    pages = root.client("iam").get_paginator("list_roles").paginate()
    return [role for page in pages for role in page["Roles"] if role["RoleName"].startswith("acme-")]


def test_every_role_is_bounded_and_no_policy_is_full_access(unit: dict[str, Applied]) -> None:
    root = unit["dev"]
    iam = root.client("iam")
    boundary = f"arn:aws:iam::{root.names.account}:policy/{root.names.name('policy', 'boundary')}"
    roles = own_roles(root)
    assert {role["RoleName"] for role in roles} == {values["name"] for values in root.of("aws_iam_role")}
    for role in roles:
        found = iam.get_role(RoleName=role["RoleName"])["Role"]
        assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary, role["RoleName"]
        attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        assert not [each for each in attached if each["PolicyArn"].startswith("arn:aws:iam::aws:")]


@pytest.mark.timeout(400)
def test_a_secret_stays_out_of_the_state(unit: dict[str, Applied]) -> None:
    dev = unit["dev"]
    secret = dev.names.name("secret", "forge-token")
    dev.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=TOKEN)
    assert dev.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"] == TOKEN
    assert dev.terraform.changes() == []
    state = (dev.terraform.folder / "terraform.tfstate").read_text()
    text = state + dev.terraform.well("show", "-json", "plan")  # what the plan has read anew is in it
    assert TOKEN not in text
    assert not re.search(r"gh[pousr]_|glpat-|AKIA|BEGIN [A-Z ]*PRIVATE KEY|secret_string\"", text)


def test_what_is_changed_is_updated_in_place(unit: dict[str, Applied]) -> None:
    dev = unit["dev"]
    file = dev.terraform.folder / "ropeway.auto.tfvars.json"
    changed = {**dev.given, "emails": ["ops@acme.example"], "tags": {**dev.given["tags"], "owner": "ops"}}
    file.write_text(json.dumps(changed))
    actions = {line.rpartition(": ")[2] for line in dev.terraform.changes("-refresh=false")}
    assert actions <= {"update", "create", "delete"}, "something would be made anew"

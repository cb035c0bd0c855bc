"""What a root module is given is what it declares, and says what the configuration says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ropeway.config.names import PARAMETERS, TEMPLATES
from ropeway.config.tfvars import stack, tfvars
from tests.unit.config.examples import GOOD, platform

STACKS = Path(__file__).parents[3] / "terraform" / "stacks"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012"
FULL = GOOD.replace(
    "    environments:\n",
    """\
    network: {cidr: 10.8.0.0/16, zones: 3, nat: true}
    users: {data_scientists: [kim], leads: [lee]}
    emails: [ml@acme.example]
    tags: {owner: ml}
    environments:
""",
).replace(
    'dev: {account: "111111111111"}',
    'dev: {account: "111111111111", monthly_budget: 500, permissions_boundary: own-boundary,'
    f" keys: {{data: '{KEY}'}}}}",
)
S1 = GOOD.replace("ci: github-actions", "ci: github-actions\ncompatibility: s1")


def declared(name: str) -> dict[str, bool]:
    """A stack's variables, and whether they must be given."""
    text = (STACKS / name / "variables.tf").read_text(encoding="utf-8")
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    return {variable: not re.search(r"^  default\s+=", body, re.MULTILINE) for variable, body in blocks}


def by_key(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters of Ropeway's own path, by key."""
    return {each["key"]: each for name, each in given["parameters"].items() if name.startswith("/ropeway/")}


@pytest.mark.parametrize("text", [GOOD, FULL, S1])
@pytest.mark.parametrize("environment", ["operations", "dev", "preprod", "prod"])
def test_a_stack_is_given_what_it_declares(text: str, environment: str) -> None:
    given = tfvars(platform(text), "retail", environment)
    variables = declared(stack(environment))
    assert set(given) <= set(variables)
    assert {name for name, needed in variables.items() if needed} <= set(given)
    assert json.loads(json.dumps(given)) == given


def test_what_the_file_says_arrives() -> None:
    given = tfvars(platform(FULL), "retail", "dev")
    assert given["network"] == {"cidr": "10.8.0.0/16", "zones": 3, "nat": True}
    assert given["users"] == {"data_scientists": ["kim"], "leads": ["lee"]}
    assert given["emails"] == ["ml@acme.example"]
    assert given["monthly_budget"] == 500
    assert given["permissions_boundary"] == "own-boundary"
    assert given["own_keys"] == {"data": KEY}
    assert given["tags"]["owner"] == "ml"
    assert given["tags"]["ropeway:environment"] == "dev"
    assert [each["name"] for each in given["environments"]] == ["dev", "preprod", "prod"]


def test_what_it_does_not_say_is_the_stacks() -> None:
    given = tfvars(platform(), "retail", "preprod")
    assert given["network"] == {}
    assert "monthly_budget" not in given
    assert "users" not in given
    assert given["permissions_boundary"] == "acme-retail-preprod-boundary"


def test_only_the_first_environment_is_where_people_work() -> None:
    first = {name: tfvars(platform(), "retail", name)["first"] for name in ("dev", "preprod", "prod")}
    assert first == {"dev": True, "preprod": False, "prod": False}


def test_ci_is_told_by_its_tokens_or_not_at_all() -> None:
    assert tfvars(platform(), "retail", "prod")["ci"] == {
        "issuer": "token.actions.githubusercontent.com",
        "audience": "sts.amazonaws.com",
        "subjects": ["repo:acme-ml/platform:environment:retail-prod"],
    }
    gitlab = GOOD.replace("kind: github", "kind: gitlab").replace("github-actions", "gitlab-ci")
    assert tfvars(platform(gitlab), "retail", "prod")["ci"]["subjects"] == [
        "project_path:acme-ml/platform:ref_type:branch:ref:main"
    ]
    jenkins = GOOD.replace("github-actions", "jenkins")
    assert "ci" not in tfvars(platform(jenkins), "retail", "prod")


def test_in_a_shared_account_roles_reach_their_own_environment() -> None:
    shared = GOOD.replace("ci: github-actions", "ci: github-actions\nshared_accounts: true")
    assert tfvars(platform(shared), "retail", "prod")["resource_names"] == ["acme-retail-prod-*"]
    assert tfvars(platform(), "retail", "prod")["resource_names"] == ["*"]


def test_operations_is_told_by_its_names() -> None:
    operations = tfvars(platform(), "retail", "prod")["operations"]
    assert operations["account"] == "444444444444"
    assert operations["names"]["bucket"]["registry"] == "acme-retail-operations-registry-444444444444"
    assert operations["names"]["key_alias"]["artifacts"] == "alias/acme-retail-operations-artifacts"


def test_every_parameter_is_told_with_the_value_that_is_known() -> None:
    dev = by_key(tfvars(platform(), "retail", "dev"))
    assert set(dev) == {each.key for each in PARAMETERS if each.where != "operations"}
    assert dev["accounts/environments"]["value"] == "111111111111,222222222222,333333333333"
    assert dev["accounts/environments"]["many"]
    assert dev["network/private-subnet-ids"]["many"]
    assert {dev[f"templates/{word}"]["value"] for word in TEMPLATES} == set(TEMPLATES.values())
    assert "value" not in dev["network/vpc-id"]


def test_s1_names_come_only_when_asked_for() -> None:
    assert all(name.startswith("/ropeway/") for name in tfvars(platform(), "retail", "dev")["parameters"])
    dev = tfvars(platform(S1), "retail", "dev")["parameters"]
    assert dev["private-subnets-ids"]["key"] == "network/private-subnet-ids"
    assert dev["/kms/key_arn"]["key"] == "keys/data"
    assert dev["preprod_account_number"]["value"] == "222222222222"
    prod = tfvars(platform(S1), "retail", "prod")["parameters"]
    assert prod["/prod/sagemaker_role_arn"]["key"] == "roles/execution"
    assert "prod_account_number" not in prod


def test_s1_accounts_that_a_unit_does_not_have_are_left_out() -> None:
    text = S1.replace("preprod:", "staging:")
    assert "preprod_account_number" not in tfvars(platform(text), "retail", "dev")["parameters"]


def test_environments_in_one_account_share_no_parameter() -> None:
    text = GOOD.replace("ci: github-actions", "ci: github-actions\nshared_accounts: true")
    for account in ("222222222222", "333333333333", "444444444444"):
        text = text.replace(account, "111111111111")
    every = [
        tfvars(platform(text), "retail", name)["parameters"] for name in ("operations", "dev", "preprod")
    ]
    assert sum(map(len, every)) == len(set().union(*every))


def test_one_unit_of_an_account_lets_sagemaker_show_projects() -> None:
    second = """\
  lending:
    region: eu-west-1
    operations: "444444444444"
    environments: {lab: {account: "111111111111"}, live: {account: "111111111111"}}
"""
    shared = GOOD.replace("ci: github-actions", "ci: github-actions\nshared_accounts: true") + second
    assert "sagemaker_projects" not in tfvars(platform(shared), "retail", "dev")
    assert tfvars(platform(shared), "lending", "lab")["sagemaker_projects"] is False
    assert "sagemaker_projects" not in tfvars(platform(shared), "lending", "live")
    apart = shared.replace("lab: {", "lab: {region: eu-west-2, ")
    assert "sagemaker_projects" not in tfvars(platform(apart), "lending", "lab")


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(KeyError):
        tfvars(platform(), "retail", "stage")

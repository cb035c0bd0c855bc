"""Names fit, collide with nothing, and are the ones that are documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ropeway.config import reference, schema
from ropeway.config.names import LIMITS, PARAMETERS, PERSONAS, RESOURCES, Names
from ropeway.config.regions import known_regions
from ropeway.errors import UsageError

DEV = Names("acme", "retail", "dev", "111111111111", first=True)
PROD = Names("acme", "retail", "prod", "333333333333")
OPERATIONS = Names("acme", "retail", "operations", "444444444444")


def test_names_are_made_of_platform_unit_environment_and_purpose() -> None:
    assert DEV.name("bucket", "artifacts") == "acme-retail-dev-artifacts-111111111111"
    assert DEV.name("role", "execution") == "acme-retail-dev-execution"
    assert DEV.name("key_alias", "data") == "alias/acme-retail-dev-data"
    assert DEV.name("log_group", "flow-logs") == "/ropeway/acme-retail-dev-flow-logs"
    assert DEV.parameter("network/vpc-id") == "/ropeway/acme/retail/dev/network/vpc-id"
    assert DEV.profile("leads", "kim") == "lead-ds-kim"


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(
        UsageError, match=r"the endpoint 'acme-retail-dev-x+' has 76 characters; AWS allows 63"
    ):
        DEV.name("endpoint", "x" * 60)


def test_environments_share_no_name_even_in_one_account() -> None:
    dev, prod, operations = (
        {(each.resource.kind, each.name) for each in names.derived()}
        for names in (DEV, Names("acme", "retail", "prod", "111111111111"), OPERATIONS)
    )
    assert not dev & prod
    assert not dev & operations


def test_no_two_resources_of_a_kind_share_a_name() -> None:
    for names in (DEV, PROD, OPERATIONS):
        every = [(each.resource.kind, each.name) for each in names.derived()]
        assert len(every) == len(set(every))


def test_studio_is_where_people_work_and_the_registry_is_in_operations() -> None:
    assert "domain" in DEV.table()
    assert "domain" not in PROD.table()
    assert "domain" not in OPERATIONS.table()
    assert "registry" in OPERATIONS.table()["bucket"]
    assert "registry" not in DEV.table()["bucket"]


def test_the_table_has_no_names_of_projects() -> None:
    assert "endpoint" not in DEV.table()
    assert {each.resource.kind for each in DEV.derived() if each.resource.project} == {
        "endpoint",
        "pipeline",
        "project_bucket",
    }


def test_s1_finds_the_parameters_that_it_reads() -> None:
    dev = set(DEV.s1_parameters().values())
    assert {"private-subnets-ids", "sagemaker-domain-sg", "/kms/key_arn", "/mlops/role/ds"} <= dev
    assert {"preprod_account_number", "prod_account_number", "github_organization"} <= dev
    assert {"arn_sagemaker_vpc_policy", "github_llm_repo_template", "arn_clone_repo_lambda"} <= dev
    prod = set(PROD.s1_parameters().values())
    assert {"/prod/sagemaker_role_arn", "/prod/sagemaker_ml_artifacts_s3_bucket", "/kms/key_arn"} <= prod
    assert "preprod_account_number" not in prod
    assert OPERATIONS.s1_parameters() == {}


def test_every_kind_has_a_limit_and_every_key_stands_once() -> None:
    assert {each.kind for each in RESOURCES} <= set(LIMITS)
    keys = [each.key for each in PARAMETERS]
    assert len(keys) == len(set(keys))
    assert [key for key in keys if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)+", key)] == []
    assert set(PERSONAS) == {"data_scientists", "leads"}


def test_the_regions_are_those_of_aws() -> None:
    regions = known_regions()
    assert regions["eu-west-1"] == regions["us-east-1"] == "aws"
    assert regions["cn-north-1"] == "aws-cn"
    assert "aws-global" not in regions


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (reference.PAGE, reference.page()),
        (reference.NAMES_PAGE, reference.names_page()),
        (schema.PAGE, schema.text()),
    ],
)
def test_what_is_generated_is_current(path: str, text: str) -> None:
    root = Path(__file__).parents[3]
    assert (root / path).read_text(encoding="utf-8") == text

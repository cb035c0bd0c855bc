"""The bootstrap template: lint, names, who is trusted, and no permission wider than the list here says."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from cfnlint import api
from cfnlint.config import ManualArgs

from ropeway.bootstrap import TEMPLATE, template
from ropeway.config.names import Names
from ropeway.sandbox.domain.stacks.template import read
from ropeway.sandbox.domain.stacks.values import Made, Values, parameters_of
from ropeway.usecases.bootstrap import target
from tests.unit.config.examples import platform

NAMES = Names("acme", "retail", "dev", "111111111111", first=True)
PSEUDO = {"AWS::AccountId": "111111111111", "AWS::Partition": "aws", "AWS::Region": "eu-west-1"}
GIVEN = target(platform(), "dev", None).parameters
GITLAB = {"Forge": "gitlab", "OidcIssuer": "gitlab.com", "OidcAudience": "https://gitlab.com"}
# Statements that name no resource, each with its reason.
ANY_RESOURCE = {
    "AccountDecides": "a key's policy is about that key",
    "Describe": "what is read to compare has no ARN that a name decides, and no data",
    "Services": "what Terraform makes has no ARN yet; the boundary limits it",
    "DescribeParameters": "the calls take no resource",
    "ReadRoles": "Terraform reads policies that AWS manages",
    "WhatThePlatformUses": "a boundary gives nothing",
    "NewRolesAreBoundToo": "a denial",
    "BoundariesStay": "a denial",
    "NoPeople": "a denial",
}
# Whole services that a policy allows, besides the boundary, which gives nothing.
WHOLE_SERVICES = {("StateKey", "kms:*")}  # a key's account administers it; without this nobody ever could
# Services of botocore whose operations are IAM's actions, by IAM's name. S3's and budgets' are called otherwise.
SERVICES = {
    "application-autoscaling": "application-autoscaling",
    "cloudformation": "cloudformation",
    "cloudwatch": "cloudwatch",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "efs": "elasticfilesystem",
    "events": "events",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "sagemaker": "sagemaker",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "service-quotas": "servicequotas",
    "servicecatalog": "servicecatalog",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "stepfunctions": "states",
}
# Actions that no call is named after: services do them in the caller's name.
IAM_ALONE = {
    "iam:PassRole",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
}


def evaluated(**more: str) -> dict[str, dict[str, Any]]:
    """Properties of the resources that would be made, by logical id."""
    found = read(template())
    values = Values(found, parameters_of(found, {**GIVEN, **more}, {}), PSEUDO)
    wanted = values.wanted()
    for name in wanted:
        arn = f"arn:{name}"
        values.made[name] = Made(name, {"Arn": arn, "KeyId": name})
    return {name: values.of(resource["Properties"]) for name, resource in wanted.items()}


def trust(role: str, **more: str) -> dict[str, Any]:
    document = evaluated(**more)[role]["AssumeRolePolicyDocument"]
    loaded: dict[str, Any] = json.loads(document) if isinstance(document, str) else document
    (statement,) = loaded["Statement"]
    return dict(statement)


def statements(node: Any) -> Iterator[dict[str, Any]]:
    """Every statement of every policy."""
    if isinstance(node, dict):
        for each in node.get("Statement", ()):
            yield each
        for value in node.values():
            yield from statements(value)
    elif isinstance(node, list):
        for each in node:
            yield from statements(each)


def listed(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else actions


def allowed(role: str) -> list[str]:
    """The actions, or patterns of them, that a role's own policies allow on something."""
    properties = evaluated()[f"{role.capitalize()}Role"]
    found: list[str] = []
    for each in statements(properties["Policies"]):
        if each["Effect"] == "Allow":
            found += listed(each["Action"])
    return found


def test_cloudformations_linter_finds_nothing() -> None:
    found = api.lint(template(), config=ManualArgs(regions=["eu-west-1", "us-east-1"]))
    assert [f"{each.rule.id} line {each.linenumber}: {each.message}" for each in found] == []


def test_it_fits_into_one_call() -> None:
    assert len(template().encode()) < 51_200
    assert TEMPLATE.name == "bootstrap.yaml"


def test_its_names_are_those_of_the_configuration() -> None:
    made = evaluated(LockTable="true")
    assert made["StateBucket"]["BucketName"] == NAMES.name("bucket", "tfstate")
    assert made["StateLockTable"]["TableName"] == NAMES.name("table", "tflock")
    assert made["StateKeyAlias"]["AliasName"] == NAMES.name("key_alias", "state")
    assert made["Boundary"]["ManagedPolicyName"] == NAMES.name("policy", "boundary")
    for role, purpose in (("PlanRole", "plan"), ("ApplyRole", "apply"), ("BreakGlassRole", "break-glass")):
        assert made[role]["RoleName"] == NAMES.name("role", purpose)
    assert "StateLockTable" not in evaluated()


def test_github_may_apply_from_one_environment_of_one_repository() -> None:
    found = trust("ApplyRole")
    assert found["Principal"] == {"Federated": "OidcProvider"}
    assert found["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:acme-ml/platform:environment:retail-dev",
        }
    }
    subjects = trust("PlanRole")["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
    assert subjects == ["repo:acme-ml/platform:pull_request", "repo:acme-ml/platform:ref:refs/heads/main"]


def test_gitlab_may_apply_from_one_branch_of_one_repository() -> None:
    found = trust("ApplyRole", **GITLAB)["Condition"]["StringEquals"]
    assert found == {
        "gitlab.com:aud": "https://gitlab.com",
        "gitlab.com:sub": "project_path:acme-ml/platform:ref_type:branch:ref:main",
    }
    subjects = trust("PlanRole", **GITLAB)["Condition"]["StringLike"]["gitlab.com:sub"]
    assert subjects[0] == "project_path:acme-ml/platform:ref_type:branch:ref:*"


def test_a_provider_that_is_there_is_used() -> None:
    arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    assert "OidcProvider" not in evaluated(OidcProviderArn=arn)
    assert trust("ApplyRole", OidcProviderArn=arn)["Principal"] == {"Federated": arn}


def test_without_tokens_a_principal_of_aws_is_trusted() -> None:
    made = evaluated(Forge="none")
    assert "OidcProvider" not in made
    assert trust("ApplyRole", Forge="none")["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    jenkins = "arn:aws:iam::444444444444:role/jenkins"
    assert trust("PlanRole", Forge="none", CiPrincipalArn=jenkins)["Principal"] == {"AWS": jenkins}


def test_a_boundary_of_ones_own_is_used() -> None:
    made = evaluated(BoundaryName="acme-limits")
    assert "Boundary" not in made
    assert made["ApplyRole"]["PermissionsBoundary"] == "arn:aws:iam::111111111111:policy/acme-limits"
    assert evaluated()["PlanRole"]["PermissionsBoundary"] == "Boundary"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Prefix", "acme-dev"),
        ("Prefix", "Acme-retail-dev"),
        ("Repository", "*"),
        ("Repository", "acme-ml/*"),
        ("Branch", "*"),
        ("OidcIssuer", "https://gitlab.com"),
        ("OidcProviderArn", "gitlab.com"),
        ("CiPrincipalArn", "*"),
        ("Forge", "bitbucket"),
        ("Deployment", "a*"),
    ],
)
def test_values_that_would_open_the_account_are_refused(parameter: str, value: str) -> None:
    with pytest.raises(Exception, match=parameter):
        evaluated(**{parameter: value})


def test_no_role_has_a_whole_service() -> None:
    whole = {
        (name, action)
        for name, properties in evaluated(LockTable="true").items()
        for statement in statements(properties)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        if action.endswith(":*")
    }
    assert {(name, action) for name, action in whole if name != "Boundary"} == WHOLE_SERVICES


def test_every_action_of_the_apply_role_is_one_that_aws_has() -> None:
    known: dict[str, list[str]] = {}
    for service, prefix in SERVICES.items():
        model = botocore.session.get_session().get_service_model(service)
        known.setdefault(prefix, []).extend(name.lower() for name in model.operation_names)
    for action in allowed("apply"):
        prefix, _, name = action.partition(":")
        if prefix in known and action not in IAM_ALONE:
            assert fnmatch.filter(known[prefix], name.lower()), action


def test_nothing_is_wider_than_it_says() -> None:
    for made in (evaluated(LockTable="true"), evaluated(Forge="none")):
        for statement in statements(made):
            actions = statement.get("Action", [])
            assert "*" not in ([actions] if isinstance(actions, str) else actions), statement
            if statement.get("Resource") == "*":
                assert statement["Sid"] in ANY_RESOURCE
    assert not re.search(r"FullAccess|AdministratorAccess|PowerUser", template())


def test_who_plans_only_reads() -> None:
    found = {statement["Sid"]: statement for statement in statements(evaluated()["PlanRole"]["Policies"])}
    for statement in found.values():
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            verb = action.partition(":")[2]
            assert verb.startswith(("Describe", "Get", "List", "View", "Decrypt")), action
    assert "Get" not in {action.partition(":")[2] for action in found["Describe"]["Action"]}
    secrets = {"secretsmanager:GetSecretValue", "s3:GetObject", "ssm:GetParameter", "kms:Decrypt"}
    assert not secrets & set(found["Describe"]["Action"])


def test_who_plans_reads_s1s_parameters_where_they_are_published() -> None:
    def readable(given: str) -> list[str]:
        found = {
            each.get("Sid"): each
            for each in statements(evaluated(S1Parameters=given)["PlanRole"]["Policies"])
        }
        return [str(each) for each in found["S1Parameters"]["Resource"]] if "S1Parameters" in found else []

    assert readable("false") == []
    begin = "arn:aws:ssm:eu-west-1:111111111111:parameter/"
    for environment in ("dev", "preprod"):
        names = Names("acme", "retail", environment, "111111111111", first=environment == "dev")
        for name in names.s1_parameters().values():
            arn = begin + name.removeprefix("/")
            assert any(fnmatch.fnmatchcase(arn, pattern) for pattern in readable("true")), name
    assert not any(fnmatch.fnmatchcase(f"{begin}their/password", pattern) for pattern in readable("true"))


def test_policies_fit_into_iams_limits() -> None:
    long = {"Prefix": "a-long-name-for-it-all-retail-production"}
    for given in ({}, {"S1Parameters": "true", "LockTable": "true"}, long):
        made = evaluated(**given)
        for name, properties in made.items():
            inline = [each["PolicyDocument"] for each in properties.get("Policies", ())]
            assert sum(len(json.dumps(each, separators=(",", ":"))) for each in inline) <= 10_240 - 500, name
            if name == "Boundary":
                assert len(json.dumps(properties["PolicyDocument"], separators=(",", ":"))) <= 6_144 - 500


def test_who_applies_passes_only_own_roles_to_named_services() -> None:
    found = {statement["Sid"]: statement for statement in statements(evaluated()["ApplyRole"]["Policies"])}
    passing = found["PassOwnRoles"]
    assert passing["Resource"] == "arn:aws:iam::111111111111:role/acme-retail-dev-*"
    assert "ec2.amazonaws.com" not in passing["Condition"]["StringEquals"]["iam:PassedToService"]
    for resource in found["OwnRoles"]["Resource"]:
        assert "/acme-retail-dev-*" in resource


def test_the_boundary_keeps_itself_and_what_bootstrap_made() -> None:
    found = {statement["Sid"]: statement for statement in statements(evaluated()["Boundary"])}
    boundary = "arn:aws:iam::111111111111:policy/acme-retail-dev-boundary"
    assert found["NewRolesAreBoundToo"]["Condition"] == {
        "StringNotEquals": {"iam:PermissionsBoundary": boundary}
    }
    assert boundary in found["WhatBootstrapMadeStays"]["Resource"]
    assert (
        "arn:aws:iam::111111111111:role/acme-retail-dev-apply" in found["WhatBootstrapMadeStays"]["Resource"]
    )
    assert {"NoPeople", "BoundariesStay", "StateBucketStays", "StateKeyStays"} <= set(found)

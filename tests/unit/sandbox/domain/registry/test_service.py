"""The registry's rules, without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Conflict, Denied, Invalid, NotThere
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.registry.tokens import Tokens
from ropeway.sandbox.domain.tags.service import Tags
from tests.fakes.clock import FakeClock
from tests.fakes.registry import MemoryGroups, MemoryPackages, MemoryTokens
from tests.fakes.tags import MemoryTags, NoPeers
from tests.fakes.transactions import FakeTransactions

HOME = ("111111111111", "eu-west-1")
OWNER = Caller("111111111111", "arn:aws:iam::111111111111:root", "111111111111", "key")
ROLE = Caller("222222222222", "arn:aws:sts::222222222222:assumed-role/Deploy/ci", "AROAX:ci", "key")
SPECIFICATION: dict[str, Any] = {"Containers": [{"Image": "image:1"}]}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tags() -> Tags:
    return Tags(MemoryTags(), NoPeers())


@pytest.fixture
def registry(clock: FakeClock, tags: Tags) -> Registry:
    transactions = FakeTransactions()
    tokens = Tokens(MemoryTokens(), transactions, clock)
    return Registry((MemoryGroups(), MemoryPackages()), transactions, clock, tags, tokens)


def register(registry: Registry, **members: Any) -> str:
    """A version of the group ``scores``."""
    request = {"ModelPackageGroupName": "scores", "InferenceSpecification": SPECIFICATION, **members}
    return registry.create_package(*HOME, request)


def test_a_group_is_made_once_however_often_it_is_needed(registry: Registry) -> None:
    first = registry.ensure_group(*HOME, "scores")
    assert registry.ensure_group(*HOME, "scores") == first
    assert registry.ensure_group(*HOME, first) == first
    assert len(registry.groups.list(*HOME, Listing()).items) == 1


def test_the_sandbox_itself_leaves_no_name_behind(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    assert registry.describe_package(register(registry), *HOME)["CreatedBy"] == {}


def test_the_last_version_s_number_is_remembered_when_all_are_gone(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    for arn in (register(registry), register(registry)):
        registry.delete_package(arn, *HOME)
    assert register(registry).endswith("/3")


def test_a_package_can_be_named_by_group_and_number(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry)
    assert registry.describe_package("Scores/1", *HOME)["ModelPackageArn"] == arn


def test_tags_come_and_go_with_a_package(registry: Registry, tags: Tags) -> None:
    registry.ensure_group(*HOME, "scores")
    team = [{"Key": "team", "Value": "risk"}]
    request = {"ModelPackageGroupName": "scores", "Tags": team}
    arn = registry.create_package(*HOME, request, team)
    assert tags.list(arn) == team
    assert "Tags" not in registry.describe_package(arn, *HOME)
    registry.delete_package(arn, *HOME)
    assert tags.list(arn) == []


def test_a_change_tells_when_and_by_whom(registry: Registry, clock: FakeClock) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry)
    clock.pass_seconds(60)
    registry.update_package(*HOME, {"ModelPackageArn": arn, "ModelApprovalStatus": "Rejected"}, OWNER)
    described = registry.describe_package(arn, *HOME)
    assert described["LastModifiedTime"].timestamp() == described["CreationTime"].timestamp() + 60
    assert described["LastModifiedBy"]["IamIdentity"]["Arn"] == OWNER.arn


def test_a_change_with_a_used_token_is_not_done_again(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry)
    approve = {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved", "ClientToken": "t"}
    registry.update_package(*HOME, approve)
    registry.update_package(*HOME, {"ModelPackageArn": arn, "ModelApprovalStatus": "Rejected"})
    registry.update_package(*HOME, approve)
    assert registry.describe_package(arn, *HOME)["ModelApprovalStatus"] == "Rejected"


def test_tokens_of_accounts_and_operations_are_apart(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry, ClientToken="t")
    registry.update_package(
        *HOME, {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved", "ClientToken": "t"}
    )
    registry.ensure_group("222222222222", "eu-west-1", "scores")
    request = {"ModelPackageGroupName": "scores", "ClientToken": "t"}
    assert ":222222222222:" in registry.create_package("222222222222", "eu-west-1", request)
    assert registry.describe_package(arn, *HOME)["ModelApprovalStatus"] == "Approved"


def test_a_group_with_packages_stays(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    register(registry)
    with pytest.raises(Conflict):
        registry.groups.delete("scores", OWNER, "eu-west-1")


def test_only_an_approved_version_can_be_deployed(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry)
    with pytest.raises(Invalid, match="is not approved: its status is PendingManualApproval"):
        registry.deployable(arn, *HOME)
    registry.update_package(*HOME, {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved"})
    assert registry.deployable(arn, *HOME) == SPECIFICATION["Containers"]


def test_a_package_without_a_specification_cannot_be_deployed(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    request = {"ModelPackageGroupName": "scores", "ModelApprovalStatus": "Approved"}
    arn = registry.create_package(*HOME, request)
    with pytest.raises(Invalid, match="no inference specification"):
        registry.deployable(arn, *HOME)


def policy(effect: str, action: str, resource: str) -> str:
    """A policy of one statement for the role's account."""
    statement = {
        "Effect": effect,
        "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("effect", "action", "resource"),
    [
        ("Deny", "sagemaker:*", "*"),
        ("Allow", "sagemaker:ListModelPackages", "*"),
        ("Allow", "sagemaker:*", "arn:aws:sagemaker:eu-west-1:111111111111:model-package/other/*"),
    ],
)
def test_a_policy_that_does_not_fit_lets_nobody_in(
    registry: Registry, effect: str, action: str, resource: str
) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry)
    registry.groups.put_policy("scores", *HOME, policy(effect, action, resource))
    with pytest.raises(Denied, match="sagemaker:DescribeModelPackage"):
        registry.describe_package(arn, ROLE.account, "eu-west-1", ROLE)


def test_a_policy_that_fits_lets_its_account_in(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    arn = register(registry)
    registry.groups.put_policy(
        "scores",
        *HOME,
        policy(
            "Allow", "sagemaker:Describe*", "arn:aws:sagemaker:eu-west-1:111111111111:model-package/scores/*"
        ),
    )
    assert registry.describe_package(arn, ROLE.account, "eu-west-1", ROLE)["ModelPackageVersion"] == 1


def test_a_package_without_a_group_stays_in_its_account(registry: Registry) -> None:
    arn = registry.create_package(
        *HOME, {"ModelPackageName": "single", "InferenceSpecification": SPECIFICATION}
    )
    with pytest.raises(Denied):
        registry.describe_package(arn, ROLE.account, "eu-west-1", ROLE)
    assert registry.describe_package(arn, *HOME, OWNER)["ModelPackageName"] == "single"


def test_a_refused_registration_uses_no_number(registry: Registry) -> None:
    registry.ensure_group(*HOME, "scores")
    for member in ("ValidationSpecification", "SourceAlgorithmSpecification"):
        with pytest.raises(NotThere, match=member):
            register(registry, **{member: {}})
    assert register(registry).endswith("/1")


@pytest.mark.parametrize(
    "name", ["arn:aws:sagemaker:eu-west-1:111111111111:model/x", "arn:aws:s3:::model-package/x"]
)
def test_another_resource_s_arn_is_no_package(registry: Registry, name: str) -> None:
    with pytest.raises(Invalid, match="not the ARN of a model-package"):
        registry.describe_package(name, *HOME)

"""Bootstrapping: what is proposed, what is done, what is looked at afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.errors import RopewayError, UsageError
from ropeway.usecases import bootstrap
from ropeway.usecases.bootstrap import Change, Plan
from tests.fakes.stacks import FakeAccount, FakeStacks
from tests.unit.config.examples import GOOD, platform

DEV = bootstrap.target(platform(), "dev", None)
BUCKET = "acme-retail-dev-tfstate-111111111111"
GITHUB = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
READY = {
    "Status": "CREATE_COMPLETE",
    "Changes": [
        {
            "ResourceChange": {
                "Action": "Modify",
                "LogicalResourceId": "StateKey",
                "ResourceType": "AWS::KMS::Key",
                "Replacement": "True",
            }
        }
    ],
}
SAFE: dict[str, Any] = {
    "versioning": "Enabled",
    "algorithm": "aws:kms",
    "key": "key",
    "public_access": False,
    "policy": {"Statement": [{"Sid": "OnlyTls"}, {"Sid": "NobodyDeletesState"}]},
}
ROLES = {f"acme-retail-dev-{purpose}" for purpose in ("plan", "apply", "break-glass")}
TOLD = {"StateKeyArn": "key", "OidcProviderArn": GITHUB}


def propose(stacks: FakeStacks, account: FakeAccount | None = None) -> Plan:
    return bootstrap.propose(stacks, account or FakeAccount(), DEV, "template", name="n", wait=lambda: None)


def test_a_target_is_what_the_description_says() -> None:
    assert DEV.stack == "acme-retail-dev-bootstrap"
    assert DEV.parameters == {
        "Prefix": "acme-retail-dev",
        "Deployment": "retail-dev",
        "Forge": "github",
        "OidcIssuer": "token.actions.githubusercontent.com",
        "OidcAudience": "sts.amazonaws.com",
        "Repository": "acme-ml/platform",
        "Branch": "main",
        "BoundaryName": "",
        "LockTable": "false",
        "S1Parameters": "false",
    }
    assert DEV.tags["ropeway:environment"] == "dev"


@pytest.mark.parametrize(
    ("forge", "ci", "kind", "issuer", "audience"),
    [
        ("kind: gitlab", "gitlab-ci", "gitlab", "gitlab.com", "https://gitlab.com"),
        ("kind: gitlab, host: git.acme.example", "gitlab-ci", "gitlab", "git.acme.example", "https://git.acme.example"),
        ("kind: github, host: git.acme.example", "github-actions", "github", "git.acme.example/_services/token",
         "sts.amazonaws.com"),
        ("kind: github", "jenkins", "none", "token.actions.githubusercontent.com", "sts.amazonaws.com"),
        ("kind: sandbox", "github-actions", "none", "token.actions.githubusercontent.com", "sts.amazonaws.com"),
    ],
)  # fmt: skip
def test_the_issuer_is_the_forges(forge: str, ci: str, kind: str, issuer: str, audience: str) -> None:
    text = GOOD.replace("kind: github", forge).replace("ci: github-actions", f"ci: {ci}")
    found = bootstrap.target(platform(text), "prod", "retail").parameters
    assert (found["Forge"], found["OidcIssuer"], found["OidcAudience"]) == (kind, issuer, audience)


def test_what_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(UsageError, match="no environment 'live'") as caught:
        bootstrap.target(platform(), "live", None)
    assert caught.value.hint == "it has dev, preprod, prod, operations"
    with pytest.raises(UsageError, match="no unit 'x'"):
        bootstrap.target(platform(), "dev", "x")
    other = GOOD[GOOD.index("  retail:") :].replace("retail", "b").replace("1" * 12, "5" * 12)
    other = other.replace("2" * 12, "6" * 12).replace("3" * 12, "7" * 12)
    with pytest.raises(UsageError, match="several units"):
        bootstrap.target(platform(GOOD + other), "dev", None)


def test_a_first_plan_is_a_creation_and_waits_until_it_is_ready() -> None:
    stacks = FakeStacks(plans=[{"Status": "CREATE_PENDING"}, READY])
    assert propose(stacks) == Plan(
        DEV.stack, "n", creates=True, changes=[Change("Modify", "StateKey", "AWS::KMS::Key", replaces=True)]
    )
    assert stacks.calls == [("propose", "CREATE", "")]


def test_a_plan_without_changes_is_no_failure() -> None:
    for reason in ("The submitted information didn't contain changes.", "No updates are to be performed."):
        stacks = FakeStacks(
            stack={"StackStatus": "CREATE_COMPLETE"}, plans=[{"Status": "FAILED", "StatusReason": reason}]
        )
        assert propose(stacks).changes == []
        assert stacks.calls == [("propose", "UPDATE", ""), "drop"]


def test_a_plan_that_fails_tells_why() -> None:
    with pytest.raises(RopewayError, match=r"cannot plan .*: Transform failed"):
        propose(FakeStacks(plans=[{"Status": "FAILED", "StatusReason": "Transform failed"}]))
    with pytest.raises(RopewayError, match="does not finish"):
        propose(FakeStacks(plans=[{"Status": "CREATE_PENDING"}]))


def test_a_provider_that_the_account_has_is_used_unless_it_is_the_stacks_own() -> None:
    account = FakeAccount(arns=["arn:aws:iam::1:oidc-provider/gitlab.com", GITHUB])
    stacks = FakeStacks(plans=[READY])
    propose(stacks, account)
    assert stacks.calls == [("propose", "CREATE", GITHUB)]
    stacks = FakeStacks(stack={"StackStatus": "UPDATE_COMPLETE"}, own={"OidcProvider": GITHUB}, plans=[READY])
    propose(stacks, account)
    assert stacks.calls == [("propose", "UPDATE", "")]


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("ROLLBACK_COMPLETE", "delete-stack"),
        ("UPDATE_IN_PROGRESS", "wait for it"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
    ],
)
def test_a_stack_that_cannot_change_says_what_to_do(status: str, hint: str) -> None:
    with pytest.raises(RopewayError, match=status) as caught:
        propose(FakeStacks(stack={"StackStatus": status}))
    assert hint in str(caught.value.hint)


def test_state_that_another_stack_left_is_not_run_into() -> None:
    stacks = FakeStacks(plans=[READY])
    with pytest.raises(RopewayError, match="exists, and no stack"):
        propose(stacks, FakeAccount(buckets={BUCKET: SAFE}))
    assert stacks.calls == []


def test_a_plan_is_taken_back_with_the_empty_stack_of_a_first_one() -> None:
    stacks = FakeStacks(stack={"StackStatus": "REVIEW_IN_PROGRESS"}, plans=[READY])
    bootstrap.discard(stacks, propose(stacks))
    assert stacks.calls == [("propose", "CREATE", ""), "drop", "delete"]
    stacks = FakeStacks(stack={"StackStatus": "CREATE_COMPLETE"}, plans=[READY])
    bootstrap.discard(stacks, propose(stacks))
    assert stacks.calls == [("propose", "UPDATE", ""), "drop"]


def event(number: int, status: str, reason: str = "") -> dict[str, Any]:
    return {
        "EventId": str(number),
        "ResourceStatus": status,
        "ResourceType": "AWS::S3::Bucket",
        "LogicalResourceId": "StateBucket",
        "ResourceStatusReason": reason,
    }


def test_each_step_is_told_once_and_the_outputs_come_back() -> None:
    done = {
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": "StateBucket", "OutputValue": BUCKET}],
    }
    stacks = FakeStacks(
        after=[{"StackStatus": "CREATE_IN_PROGRESS"}, done],
        happened=[event(2, "CREATE_COMPLETE"), event(1, "CREATE_IN_PROGRESS")],
    )
    lines: list[str] = []
    plan = Plan(DEV.stack, "n", creates=True)
    assert bootstrap.execute(stacks, plan, tell=lines.append, wait=lambda: None) == {"StateBucket": BUCKET}
    assert [line.split()[0] for line in lines] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_the_first_reason_of_a_failure_is_told() -> None:
    stacks = FakeStacks(
        after=[{"StackStatus": "ROLLBACK_COMPLETE"}],
        happened=[event(2, "CREATE_FAILED", "cancelled"), event(1, "CREATE_FAILED", "BucketAlreadyExists")],
    )
    with pytest.raises(RopewayError, match="StateBucket: BucketAlreadyExists"):
        bootstrap.execute(stacks, Plan(DEV.stack, "n", creates=True), tell=lambda _: None, wait=lambda: None)


def test_what_stands_there_is_fine() -> None:
    bootstrap.verify(FakeAccount([GITHUB], {BUCKET: SAFE}, ROLES), DEV, TOLD)


@pytest.mark.parametrize(
    ("account", "told"),
    [
        (FakeAccount([GITHUB], {}, ROLES), f"the bucket '{BUCKET}' is not there"),
        (FakeAccount([GITHUB], {BUCKET: {**SAFE, "versioning": None}}, ROLES), "its versions are not kept"),
        (FakeAccount([GITHUB], {BUCKET: {**SAFE, "key": "other"}}, ROLES), "it is not encrypted by the key"),
        (FakeAccount([GITHUB], {BUCKET: {**SAFE, "public_access": True}}, ROLES), "it may be public"),
        (FakeAccount([GITHUB], {BUCKET: {**SAFE, "policy": {}}}, ROLES), "state may be deleted"),
        (
            FakeAccount([GITHUB], {BUCKET: SAFE}, ROLES - {"acme-retail-dev-plan"}),
            "the role 'acme-retail-dev-plan'",
        ),
        (FakeAccount([], {BUCKET: SAFE}, ROLES), "the identity provider is not there"),
    ],
)
def test_what_the_stack_only_says_is_found_out(account: FakeAccount, told: str) -> None:
    with pytest.raises(RopewayError, match="says that it is done, but") as caught:
        bootstrap.verify(account, DEV, TOLD)
    assert told in str(caught.value)

"""Prepare an account: the bootstrap stack, planned first, then made, then looked at.

    target (what for whom) ─► propose (a change set) ─► the caller shows it and asks ─► execute ─► verify

A change set that would change nothing is a plan without changes: running twice does nothing twice. An identity provider
that the account has already is used, not made. What CloudFormation says is not taken for done: ``verify`` asks S3 and
IAM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ropeway.config.identity import issuer, signs_in_by_token
from ropeway.config.model import Platform, Site
from ropeway.config.names import OPERATIONS
from ropeway.errors import RopewayError, UsageError

__all__ = [
    "Account",
    "Change",
    "Plan",
    "Stacks",
    "Target",
    "discard",
    "execute",
    "outputs",
    "propose",
    "target",
    "verify",
]

_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
_TRIES = 400


class Stacks(Protocol):
    """CloudFormation, as ``ropeway.aws.stacks`` has it."""

    def find(self, stack: str) -> dict[str, Any] | None:
        """The stack, or None."""

    def resources(self, stack: str) -> dict[str, str]:
        """Physical id by logical id."""

    def propose(
        self, stack: str, change_set: str, kind: str, template: str, given: Mapping[str, Any]
    ) -> None:
        """Make a change set."""

    def proposed(self, stack: str, change_set: str) -> dict[str, Any]:
        """Describe it."""

    def drop(self, stack: str, change_set: str) -> None:
        """Delete it."""

    def execute(self, stack: str, change_set: str) -> None:
        """Execute it."""

    def delete(self, stack: str) -> None:
        """Delete a stack."""

    def events(self, stack: str) -> Iterator[dict[str, Any]]:
        """Events, the newest first."""


class Account(Protocol):
    """What stands in the account."""

    def providers(self) -> list[str]:
        """ARNs of identity providers."""

    def has_bucket(self, bucket: str) -> bool:
        """Whether the name is taken."""

    def bucket(self, bucket: str) -> dict[str, Any]:
        """What protects it."""

    def role(self, name: str) -> dict[str, Any]:
        """A role."""


@dataclass(frozen=True)
class Target:
    """What is bootstrapped.

    Attributes:
        stack: the stack's name.
        parameters: of the template; the identity provider is added by ``propose``.
        tags: of everything in the stack.
    """

    site: Site
    stack: str
    parameters: dict[str, str]
    tags: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One line of a plan.

    Attributes:
        action: ``Add``, ``Modify``, ``Remove``, ``Import``.
        replaces: whether the resource is made anew.
    """

    action: str
    logical_id: str
    kind: str
    replaces: bool = False


@dataclass(frozen=True)
class Plan:
    """A change set.

    Attributes:
        change_set: its name.
        creates: whether the stack is new.
        changes: what it would do; empty for nothing.
    """

    stack: str
    change_set: str
    creates: bool
    changes: list[Change] = field(default_factory=list)


def target(platform: Platform, environment: str, unit: str | None) -> Target:
    """What a command line means by an environment.

    Args:
        platform: the description.
        environment: an environment's name, or ``operations``.
        unit: the unit; may be left out where there is one.

    Raises:
        UsageError: there is none of that name, or more than one unit to choose from.
    """
    if unit is None and len(platform.units) > 1:
        raise UsageError("there are several units", hint=f"name one with --unit: {', '.join(platform.units)}")
    unit = unit or next(iter(platform.units))
    if unit not in platform.units:
        raise UsageError(f"there is no unit {unit!r}", hint=f"there are {', '.join(platform.units)}")
    known = [*platform.units[unit].environments, OPERATIONS]
    if environment not in known:
        raise UsageError(
            f"unit {unit!r} has no environment {environment!r}", hint=f"it has {', '.join(known)}"
        )
    site = platform.site(unit, environment)
    return Target(site, site.names.name("stack", "bootstrap"), _parameters(site), site.tags)


def _parameters(site: Site) -> dict[str, str]:
    forge = site.platform.forge
    tokens = signs_in_by_token(site.platform)
    issued_by, audience = issuer(forge)
    return {
        "Prefix": site.names.prefix,
        "Deployment": site.names.deployment,
        "Forge": forge.kind if tokens else "none",
        "OidcIssuer": issued_by,
        "OidcAudience": audience,
        "Repository": f"{forge.organization}/{forge.repository}",
        "Branch": forge.branch,
        "BoundaryName": site.place.permissions_boundary or "",
        "LockTable": str(site.platform.terraform.lock_table).lower(),
        "S1Parameters": str(site.platform.compatibility == "s1").lower(),
    }


def propose(
    stacks: Stacks, account: Account, wanted: Target, template: str, *, name: str, wait: Callable[[], None]
) -> Plan:
    """Make a change set and say what it would do. Nothing changes.

    Args:
        stacks: CloudFormation.
        account: what stands in the account.
        wanted: what for whom.
        template: the template's text.
        name: the change set's name.
        wait: waits a little.

    Raises:
        RopewayError: the stack cannot be changed now, or what it would make stands there already.
    """
    found = stacks.find(wanted.stack)
    status = str(found["StackStatus"]) if found else ""
    creates = found is None or status == "REVIEW_IN_PROGRESS"
    if not creates and status not in _DONE:
        raise RopewayError(f"the stack {wanted.stack!r} is {status}", hint=_way_out(status, wanted.stack))
    bucket = wanted.site.names.name("bucket", "tfstate")
    if creates and account.has_bucket(bucket):
        raise RopewayError(
            f"the bucket {bucket!r} exists, and no stack {wanted.stack!r} that owns it",
            hint="a deleted stack leaves the state; import it (docs/guides/bootstrap.md), or choose another name",
        )
    own = {} if creates else stacks.resources(wanted.stack)
    parameters = {**wanted.parameters, "OidcProviderArn": _provider(account, wanted, own)}
    given = {"parameters": parameters, "tags": wanted.tags}
    stacks.propose(wanted.stack, name, "CREATE" if creates else "UPDATE", template, given)
    for _ in range(_TRIES):
        answer = stacks.proposed(wanted.stack, name)
        if answer["Status"] == "CREATE_COMPLETE":
            return Plan(wanted.stack, name, creates, [_change(each) for each in answer["Changes"]])
        if answer["Status"] == "FAILED":
            stacks.drop(wanted.stack, name)
            reason = str(answer.get("StatusReason", ""))
            if any(words in reason for words in _UNCHANGED):
                return Plan(wanted.stack, name, creates)
            raise RopewayError(f"CloudFormation cannot plan {wanted.stack!r}: {reason}")
        wait()
    raise RopewayError(f"CloudFormation does not finish the plan of {wanted.stack!r}", hint="try again")


def _way_out(status: str, stack: str) -> str:
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}:
        return f"its first creation failed: aws cloudformation delete-stack --stack-name {stack}, then again"
    if status.endswith("_IN_PROGRESS"):
        return "another change runs: wait for it"
    return f"aws cloudformation continue-update-rollback --stack-name {stack}, then again"


def _provider(account: Account, wanted: Target, own: Mapping[str, str]) -> str:
    """The ARN of a provider that somebody else made; nothing where the stack's own is, or is to be, it."""
    if wanted.parameters["Forge"] == "none" or "OidcProvider" in own:
        return ""
    issuer = wanted.parameters["OidcIssuer"]
    return next((arn for arn in account.providers() if arn.partition(":oidc-provider/")[2] == issuer), "")


def _change(told: Mapping[str, Any]) -> Change:
    change = told["ResourceChange"]
    return Change(
        action=change["Action"],
        logical_id=change["LogicalResourceId"],
        kind=change["ResourceType"],
        replaces=change.get("Replacement") in {"True", "Conditional"},
    )


def discard(stacks: Stacks, plan: Plan) -> None:
    """Forget a plan: its change set, and the empty stack that a first one makes."""
    if plan.changes:
        stacks.drop(plan.stack, plan.change_set)
    if plan.creates and stacks.find(plan.stack) is not None:
        stacks.delete(plan.stack)


def execute(
    stacks: Stacks, plan: Plan, *, tell: Callable[[str], None], wait: Callable[[], None]
) -> dict[str, str]:
    """Do what a plan says, telling each step; the stack's outputs.

    Raises:
        RopewayError: it failed; the first reason is told.
    """
    seen = set() if plan.creates else {event["EventId"] for event in stacks.events(plan.stack)}
    stacks.execute(plan.stack, plan.change_set)
    reasons: list[str] = []
    for _ in range(_TRIES):
        found = stacks.find(plan.stack)
        for event in reversed(list(stacks.events(plan.stack))):
            if event["EventId"] not in seen:
                seen.add(event["EventId"])
                tell(f"{event['ResourceStatus']:<20} {event['ResourceType']} {event['LogicalResourceId']}")
                if event["ResourceStatus"].endswith("_FAILED"):
                    reasons.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}")
        status = str(found["StackStatus"]) if found else "gone"
        if found and status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
        if not status.endswith("_IN_PROGRESS"):
            why = reasons[0] if reasons else status
            raise RopewayError(f"the stack {plan.stack!r} failed: {why}", hint=_way_out(status, plan.stack))
        wait()
    raise RopewayError(
        f"the stack {plan.stack!r} is not done yet", hint="look at it, and run the command again"
    )


def outputs(stacks: Stacks, stack: str) -> dict[str, str]:
    """The outputs of a stack that is there; nothing for one that is not."""
    found = stacks.find(stack)
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])} if found else {}


def verify(account: Account, wanted: Target, told: Mapping[str, str]) -> None:
    """Ask S3 and IAM whether what the stack says stands there.

    Raises:
        RopewayError: something does not; all of it is named.
    """
    missing = list(_missing(account, wanted, told))
    if missing:
        raise RopewayError(
            f"the stack {wanted.stack!r} says that it is done, but: {'; '.join(missing)}",
            hint="look at the stack's events; nothing relies on this account yet",
        )


def _missing(account: Account, wanted: Target, told: Mapping[str, str]) -> Iterator[str]:
    names = wanted.site.names
    bucket = names.name("bucket", "tfstate")
    checks: list[tuple[str, Callable[[], bool]]] = [
        (f"the bucket {bucket!r} is not there", lambda: account.has_bucket(bucket)),
        ("its versions are not kept", lambda: account.bucket(bucket)["versioning"] == "Enabled"),
        ("it is not encrypted by the key", lambda: told.get("StateKeyArn") == account.bucket(bucket)["key"]),
        ("it may be public", lambda: not account.bucket(bucket)["public_access"]),
        ("state may be deleted", lambda: _keeps(account.bucket(bucket)["policy"])),
    ]
    for purpose in ("plan", "apply", "break-glass"):
        role = names.name("role", purpose)
        checks.append((f"the role {role!r} is not there", lambda role=role: bool(account.role(role))))  # type: ignore[misc]
    if wanted.parameters["Forge"] != "none":
        provider = told.get("OidcProviderArn", "")
        checks.append(("the identity provider is not there", lambda: provider in account.providers()))
    for message, check in checks:
        try:
            fine = check()
        except RopewayError:
            fine = False
        if not fine:
            yield message


def _keeps(policy: Mapping[str, Any]) -> bool:
    return {"OnlyTls", "NobodyDeletesState"} <= {each.get("Sid") for each in policy.get("Statement", [])}

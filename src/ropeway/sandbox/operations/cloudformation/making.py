"""From a template to resources: what would change, and changing it, back to where it was when something fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.stacks.template import Template, read
from ropeway.sandbox.domain.stacks.values import Values, order, parameters_of
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.kept import Resource, Stack, keep, pseudo, tell
from ropeway.sandbox.operations.cloudformation.kinds import KINDS, Want, check

__all__ = ["Change", "Wish", "changes_of", "delete", "make", "wish_of"]

_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Wish:
    """What a stack shall be.

    Attributes:
        text: the template as given.
        parameters: every parameter's value.
    """

    text: str
    template: Template
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]


@dataclass(frozen=True)
class Change:
    """One difference; ``scope`` names what differs."""

    action: str
    logical: str
    kind: str
    ref: str = ""
    replaces: bool = False
    scope: tuple[str, ...] = ()


def wish_of(text: str, given: tuple[Mapping[str, Any], Mapping[str, str], list[str]], stack: Stack) -> Wish:
    """Read what a call asks for, and refuse what cannot be.

    Args:
        text: the template.
        given: parameters (None for those that shall stay), tags and capabilities.
        stack: the stack that it is for.

    Raises:
        DomainError: template, parameters or capabilities will not do.
    """
    parameters, tags, capabilities = given
    template = read(text)
    check(template["Resources"])
    order(template["Resources"])
    values = parameters_of(template, parameters, stack.parameters)
    named = [
        name
        for name, resource in template["Resources"].items()
        if {"RoleName", "ManagedPolicyName"} & set(resource.get("Properties", {}))
    ]
    iam = any(resource["Type"].startswith("AWS::IAM::") for resource in template["Resources"].values())
    needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    if iam and needed not in capabilities and "CAPABILITY_NAMED_IAM" not in capabilities:
        raise DomainError(
            f"Requires capabilities : [{needed}]", code="InsufficientCapabilitiesException", status=400
        )
    return Wish(text, template, values, dict(tags), list(capabilities))


def _values(call: Call, stack: Stack, wish: Wish) -> Values:
    return Values(wish.template, wish.parameters, pseudo(call, stack))


def changes_of(call: Call, stack: Stack, wish: Wish) -> list[Change]:
    """What would be done; nothing is.

    Raises:
        DomainError: an expression refers to nothing, or cannot be evaluated.
    """
    values = _values(call, stack, wish)
    wanted = values.wanted()
    values.made.update({name: each.made for name, each in stack.resources.items() if name in wanted})
    found = []
    for name in order(wanted):
        kind = wanted[name]["Type"]
        properties = values.of(wanted[name].get("Properties", {}))
        change = _change(name, kind, properties, stack.resources.get(name))
        if change is None and stack.tags != wish.tags:
            change = Change("Modify", name, kind, stack.resources[name].ref, scope=("Tags",))
        if change is not None:
            found.append(change)
            if change.replaces:
                values.made.pop(name, None)  # what refers to it changes, too
    values.outputs()
    gone = [name for name in stack.resources if name not in wanted]
    return found + [
        Change("Remove", name, stack.resources[name].kind, stack.resources[name].ref) for name in gone
    ]


def _change(name: str, kind: str, properties: Mapping[str, Any], has: Resource | None) -> Change | None:
    if has is None:
        return Change("Add", name, kind)
    different = sorted(
        key for key in {*properties, *has.properties} if properties.get(key) != has.properties.get(key)
    )
    anew = has.kind != kind or any(key in KINDS[kind].fixed for key in different)
    if not different and has.kind == kind:
        return None
    return Change("Modify", name, kind, has.ref, anew, tuple(different))


def make(call: Call, stack: Stack, wish: Wish) -> None:
    """Make a stack what it shall be, or what it was when that fails. The stack's status tells which.

    What fails is told in events, not raised: the call that asked for it succeeded.
    """
    first = not stack.resources and stack.status in {"REVIEW_IN_PROGRESS", "NEW"}
    verb = "CREATE" if first else "UPDATE"
    _move(call, stack, f"{verb}_IN_PROGRESS", "User Initiated")
    changes = {change.logical: change for change in changes_of(call, stack, wish)}
    undo: list[Callable[[], None]] = []
    later: list[tuple[str, Resource]] = []
    values = _values(call, stack, wish)
    try:
        for name in order(values.wanted()):
            old = stack.resources.get(name)
            _one(call, stack, (name, values, wish), (changes.get(name), old, undo, later))
            values.made[name] = stack.resources[name].made
            keep(call, stack)  # were the process to end now, the stack would know what it has
        outputs = values.outputs()
    except DomainError as error:
        _roll_back(call, stack, undo, verb, error.message)
        return
    removed = [(name, stack.resources.pop(name)) for name in list(stack.resources) if name not in values.made]
    for name, resource in [*reversed(removed), *reversed(later)]:
        _let_go(call, stack, name, resource)
    stack.template, stack.parameters, stack.tags = wish.text, wish.parameters, wish.tags
    stack.capabilities, stack.outputs = wish.capabilities, outputs
    stack.description = str(wish.template.get("Description", ""))
    _move(call, stack, f"{verb}_COMPLETE")


def _one(
    call: Call,
    stack: Stack,
    what: tuple[str, Values, Wish],
    how: tuple[Change | None, Resource | None, list[Callable[[], None]], list[tuple[str, Resource]]],
) -> None:
    """Make one resource what it shall be, and note how that is undone."""
    (name, values, wish), (change, old, undo, later) = what, how
    if change is None and old is not None:
        return
    resource = wish.template["Resources"][name]
    kind, properties = resource["Type"], values.of(resource.get("Properties", {}))
    ids = call.domain.records.ids
    want = Want(f"{stack.name}-{name}-{ids.token(12)}", properties, wish.tags)
    keeps = str(resource.get("DeletionPolicy", "Delete"))
    stays = keeps.startswith("Retain")
    now = call.domain.records.now
    if old is not None and change is not None and not change.replaces:
        tell(call, stack, name, (kind, old.ref, "UPDATE_IN_PROGRESS"))
        made = _try(
            call,
            stack,
            (name, kind, "UPDATE"),
            lambda: KINDS[kind].update(call, old.ref, want, old.properties),
        )
        before = Want(old.ref, old.properties, stack.tags)

        def back() -> None:
            KINDS[kind].update(call, old.ref, before, properties)
            stack.resources[name] = old

        undo.append(back)
    else:
        tell(call, stack, name, (kind, "", "CREATE_IN_PROGRESS"))
        made = _try(call, stack, (name, kind, "CREATE"), lambda: KINDS[kind].create(call, want))
        if old is not None:
            later.append((name, old))

        def unmake() -> None:
            if old is None:
                stack.resources.pop(name)
            else:
                stack.resources[name] = old
            if keeps != "Retain":
                KINDS[kind].delete(call, made.ref, properties)

        undo.append(unmake)
    verb = "UPDATE" if old is not None and change is not None and not change.replaces else "CREATE"
    status = f"{verb}_COMPLETE"
    attributes = dict(made.attributes)
    stack.resources[name] = Resource(kind, made.ref, properties, attributes, stays, status, now())
    tell(call, stack, name, (kind, made.ref, status))


def _try(call: Call, stack: Stack, what: tuple[str, str, str], work: Callable[[], Any]) -> Any:
    name, kind, verb = what
    try:
        return work()
    except DomainError as error:
        tell(call, stack, name, (kind, "", f"{verb}_FAILED"), f"{error.message} ({error.code})")
        raise


def _roll_back(call: Call, stack: Stack, undo: list[Callable[[], None]], verb: str, reason: str) -> None:
    prefix = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
    _move(call, stack, f"{prefix}_IN_PROGRESS", reason)
    failed = ""
    for step in reversed(undo):
        try:
            step()
        except DomainError as error:
            failed = f"{error.message} ({error.code})"
    _move(call, stack, f"{prefix}_FAILED" if failed else f"{prefix}_COMPLETE", failed)


def _let_go(call: Call, stack: Stack, name: str, resource: Resource) -> bool:
    """Delete a resource, or leave it where its policy says so; whether that worked."""
    if resource.keep:
        tell(call, stack, name, (resource.kind, resource.ref, "DELETE_SKIPPED"))
        return True
    tell(call, stack, name, (resource.kind, resource.ref, "DELETE_IN_PROGRESS"))
    try:
        KINDS[resource.kind].delete(call, resource.ref, resource.properties)
    except DomainError as error:
        reason = f"{error.message} ({error.code})"
        tell(call, stack, name, (resource.kind, resource.ref, "DELETE_FAILED"), reason)
        return False
    tell(call, stack, name, (resource.kind, resource.ref, "DELETE_COMPLETE"))
    return True


def delete(call: Call, stack: Stack) -> None:
    """Delete a stack and what it made; what cannot be deleted keeps it, with a status that says so."""
    _move(call, stack, "DELETE_IN_PROGRESS", "User Initiated")
    for name in reversed(list(stack.resources)):
        if _let_go(call, stack, name, stack.resources[name]):
            del stack.resources[name]
    if stack.resources:
        failed = ", ".join(stack.resources)
        _move(call, stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{failed}].")
    else:
        _move(call, stack, "DELETE_COMPLETE")


def _move(call: Call, stack: Stack, status: str, reason: str = "") -> None:
    stack.status, stack.reason = status, reason
    if status.startswith("UPDATE_IN"):
        stack.updated = call.domain.records.now()
    tell(call, stack, stack.name, (_STACK, stack.arn, status), reason)
    keep(call, stack)

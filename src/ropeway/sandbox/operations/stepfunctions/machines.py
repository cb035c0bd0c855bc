"""State machines, their versions and aliases."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.statemachines.check import check
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.model import Alias, Machine
from ropeway.sandbox.domain.statemachines.service import taken_apart
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.stepfunctions import paging

__all__ = ["named"]

_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}")
_SETTINGS = {
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    "tracingConfiguration": {"enabled": False},
    "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
}


def named(name: str) -> str:
    """A name of a machine, an execution or an activity.

    Raises:
        DomainError: ``InvalidName``.
    """
    if not _NAME.fullmatch(name):
        raise refused("InvalidName", f"Invalid Name: '{name}'")
    return name


@operation("stepfunctions", "CreateStateMachine")
def create(call: Call) -> dict[str, Any]:
    """Keep a machine, and publish it where asked to."""
    params = call.params
    if params.get("versionDescription") and not params.get("publish"):
        raise refused("ValidationException", "Version description can only be set when publish is true")
    settings = {name: params.get(name, default) for name, default in _SETTINGS.items()}
    machine = Machine(
        arn=f"arn:aws:states:{call.region}:{call.account}:stateMachine:{named(params['name'])}",
        definition=params["definition"],
        role_arn=params["roleArn"],
        type=params.get("type", "STANDARD"),
        settings=settings,
        revision="",
        created=0.0,
        updated=0.0,
    )
    tags = [{"Key": tag.get("key", ""), "Value": tag.get("value", "")} for tag in params.get("tags", ())]
    made = call.domain.machines.create(machine, tags)
    answer = {"stateMachineArn": made.arn, "creationDate": moment(made.created)}
    return {**answer, **_published(call, made)}


@operation("stepfunctions", "UpdateStateMachine")
def update(call: Call) -> dict[str, Any]:
    """Change a machine; what is not named stays."""
    params = call.params
    machine = call.domain.machines.get(params["stateMachineArn"])
    if not {"definition", "roleArn", *_SETTINGS} & set(params):
        raise refused(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, or a configuration must be specified",
        )
    changes: dict[str, Any] = {
        "settings": {name: params.get(name, value) for name, value in machine.settings.items()}
    }
    if "definition" in params:
        changes["definition"] = params["definition"]
    if "roleArn" in params:
        changes["role_arn"] = params["roleArn"]
    changed = call.domain.machines.update(machine.arn, changes)
    answer = {"updateDate": moment(changed.updated), "revisionId": changed.revision}
    return {**answer, **_published(call, changed)}


@operation("stepfunctions", "DescribeStateMachine")
def describe(call: Call) -> dict[str, Any]:
    """A machine, or one of its versions."""
    return _described(call.domain.machines.called(call.params["stateMachineArn"]))


@operation("stepfunctions", "DeleteStateMachine")
def delete(call: Call) -> dict[str, Any]:
    """Forget a machine; one that is not there is no error."""
    arn = call.params["stateMachineArn"]
    if taken_apart(arn)[1]:
        raise refused("InvalidArn", f"Invalid Arn: '{arn}'")
    call.domain.machine_executions.stop_all(arn)
    call.domain.machines.delete(arn)
    return {}


@operation("stepfunctions", "ListStateMachines")
def list_machines(call: Call) -> dict[str, Any]:
    """Machines by name."""
    page = call.domain.machines.list(call.account, call.region, paging.listing_of(call.params, sort="Name"))

    def summary(machine: Machine) -> dict[str, Any]:
        return {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": machine.type,
            "creationDate": moment(machine.created),
        }

    return paging.answer("stateMachines", page, call.params, summary)


@operation("stepfunctions", "PublishStateMachineVersion")
def publish(call: Call) -> dict[str, Any]:
    """Publish a machine as it is."""
    params = call.params
    version = call.domain.machines.publish(
        params["stateMachineArn"], params.get("description", ""), params.get("revisionId")
    )
    return {"stateMachineVersionArn": version.version_arn, "creationDate": moment(version.created)}


@operation("stepfunctions", "DeleteStateMachineVersion")
def delete_version(call: Call) -> dict[str, Any]:
    """Forget a version that no alias routes to."""
    call.domain.machines.drop_version(call.params["stateMachineVersionArn"])
    return {}


@operation("stepfunctions", "ListStateMachineVersions")
def list_versions(call: Call) -> dict[str, Any]:
    """Versions, newest first."""

    def summary(version: Machine) -> dict[str, Any]:
        return {"stateMachineVersionArn": version.version_arn, "creationDate": moment(version.created)}

    versions = call.domain.machines.versions(call.params["stateMachineArn"])
    return paging.sliced("stateMachineVersions", versions, call.params, summary)


@operation("stepfunctions", "CreateStateMachineAlias")
def create_alias(call: Call) -> dict[str, Any]:
    """A name for one or two versions."""
    params = call.params
    routes = params["routingConfiguration"]
    machine_arn, version = taken_apart(routes[0]["stateMachineVersionArn"])
    if not version:
        raise refused("ValidationException", "Routing configuration must contain state machine version ARNs")
    now = call.domain.machines.now()
    alias = Alias(machine_arn, named(params["name"]), params.get("description", ""), routes, now, now)
    made = call.domain.aliases.put(alias, new=True)
    return {"stateMachineAliasArn": made.arn, "creationDate": moment(made.created)}


@operation("stepfunctions", "UpdateStateMachineAlias")
def update_alias(call: Call) -> dict[str, Any]:
    """Change where an alias leads, or what it says."""
    params = call.params
    alias = call.domain.aliases.get(params["stateMachineAliasArn"])
    changed = replace(
        alias,
        description=params.get("description", alias.description),
        routes=params.get("routingConfiguration", alias.routes),
        updated=call.domain.machines.now(),
    )
    call.domain.aliases.put(changed, new=False)
    return {"updateDate": moment(changed.updated)}


@operation("stepfunctions", "DescribeStateMachineAlias")
def describe_alias(call: Call) -> dict[str, Any]:
    """An alias."""
    alias = call.domain.aliases.get(call.params["stateMachineAliasArn"])
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": [dict(route) for route in alias.routes],
        "creationDate": moment(alias.created),
        "updateDate": moment(alias.updated),
    }


@operation("stepfunctions", "DeleteStateMachineAlias")
def delete_alias(call: Call) -> dict[str, Any]:
    """Forget an alias."""
    call.domain.aliases.drop(call.params["stateMachineAliasArn"])
    return {}


@operation("stepfunctions", "ListStateMachineAliases")
def list_aliases(call: Call) -> dict[str, Any]:
    """Aliases by name; for a version, those that route to it."""
    arn = call.params["stateMachineArn"]
    found = call.domain.aliases.list(":".join(arn.split(":")[:7]))
    if len(arn.split(":")) == 8:
        found = [
            each for each in found if any(route["stateMachineVersionArn"] == arn for route in each.routes)
        ]

    def summary(alias: Alias) -> dict[str, Any]:
        return {"stateMachineAliasArn": alias.arn, "creationDate": moment(alias.created)}

    return paging.sliced("stateMachineAliases", found, call.params, summary)


@operation("stepfunctions", "ValidateStateMachineDefinition")
def validate(call: Call) -> dict[str, Any]:
    """What is wrong with a definition."""
    found = check(call.params["definition"], call.params.get("type", "STANDARD"))
    most = call.params.get("maxResults") or 100
    return {
        "result": "FAIL" if found else "OK",
        "diagnostics": [
            {
                "severity": "ERROR",
                "code": each.code,
                "message": each.message,
                **({"location": each.location} if each.location else {}),
            }
            for each in found[:most]
        ],
        "truncated": len(found) > most,
    }


def _published(call: Call, machine: Machine) -> dict[str, Any]:
    if not call.params.get("publish"):
        return {}
    description = call.params.get("versionDescription", "")
    version = call.domain.machines.publish(machine.arn, description, None)
    return {"stateMachineVersionArn": version.version_arn}


def _described(machine: Machine) -> dict[str, Any]:
    told = {
        "stateMachineArn": machine.arn if machine.version is None else machine.version_arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": machine.definition,
        "roleArn": machine.role_arn,
        "type": machine.type,
        "creationDate": moment(machine.created),
        "revisionId": machine.revision,
        **machine.settings,
    }
    return {**told, "description": machine.description} if machine.description else told

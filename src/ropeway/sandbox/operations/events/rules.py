"""Rules and targets."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.events.model import Rule
from ropeway.sandbox.domain.events.patterns import compile_pattern, invalid
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.events.listing import page
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_ENVELOPE = ("id", "detail-type", "source", "account", "time", "region", "resources", "detail")


@operation("events", "PutRule")
def put_rule(call: Call) -> dict[str, Any]:
    """Make or change a rule."""
    _check(call, call.params["Name"])
    return {"RuleArn": call.domain.events.rules.put(call.account, call.region, call.params).arn}


@operation("events", "DescribeRule")
def describe_rule(call: Call) -> dict[str, Any]:
    """Tell a rule."""
    return {**_told(_rule(call, "Name")), "CreatedBy": call.account}


@operation("events", "DeleteRule")
def delete_rule(call: Call) -> None:
    """Forget a rule."""
    params = call.params
    _check(call, params["Name"])
    call.domain.events.rules.delete(params["Name"], params.get("EventBusName", ""), call.account, call.region)


@operation("events", "EnableRule")
def enable_rule(call: Call) -> None:
    """Let a rule match again."""
    call.domain.events.rules.switch(_rule(call, "Name"), "ENABLED")


@operation("events", "DisableRule")
def disable_rule(call: Call) -> None:
    """Let a rule match nothing."""
    call.domain.events.rules.switch(_rule(call, "Name"), "DISABLED")


@operation("events", "ListRules")
def list_rules(call: Call) -> dict[str, Any]:
    """Rules of a bus."""
    _check(call)
    bus, prefix = call.params.get("EventBusName", ""), call.params.get("NamePrefix", "")
    rules = call.domain.events.rules.list(bus, call.account, call.region)
    shown, more = page([rule for rule in rules if rule.name.startswith(prefix)], call.params)
    return {"Rules": [_told(rule) for rule in shown], **more}


@operation("events", "ListRuleNamesByTarget")
def list_rule_names(call: Call) -> dict[str, Any]:
    """The rules of a bus that have a target."""
    _check(call)
    rules = call.domain.events.rules.list(call.params.get("EventBusName", ""), call.account, call.region)
    wanted = call.params["TargetArn"]
    names = [rule.name for rule in rules if any(target["Arn"] == wanted for target in rule.targets)]
    shown, more = page(names, call.params)
    return {"RuleNames": shown, **more}


@operation("events", "PutTargets")
def put_targets(call: Call) -> dict[str, Any]:
    """Add or change targets of a rule."""
    call.domain.events.rules.put_targets(_rule(call, "Rule"), call.params["Targets"])
    return {"FailedEntryCount": 0, "FailedEntries": []}


@operation("events", "RemoveTargets")
def remove_targets(call: Call) -> dict[str, Any]:
    """Take targets of a rule away."""
    absent = call.domain.events.rules.remove_targets(_rule(call, "Rule"), call.params["Ids"])
    failed = [
        {
            "TargetId": each,
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Target {each} does not exist on rule {call.params['Rule']}.",
        }
        for each in absent
    ]
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


@operation("events", "ListTargetsByRule")
def list_targets(call: Call) -> dict[str, Any]:
    """Targets of a rule."""
    shown, more = page(_rule(call, "Rule").targets, call.params)
    return {"Targets": shown, **more}


@operation("events", "TestEventPattern")
def try_pattern(call: Call) -> dict[str, Any]:
    """Whether a pattern matches an event."""
    matches = compile_pattern(call.params["EventPattern"])
    try:
        event = json.loads(call.params["Event"])
    except ValueError as error:
        raise invalid(f"Event is not a JSON object: {error}") from error
    if not isinstance(event, dict):
        raise invalid("Event is not a JSON object")
    absent = [name for name in _ENVELOPE[:6] if name not in event]
    if absent:
        raise Invalid(f"Parameter Event is not valid. Reason: member {absent[0]} is missing.")
    return {"Result": matches(event)}


def _rule(call: Call, member: str) -> Rule:
    params = call.params
    _check(call, params[member])
    return call.domain.events.rules.find(
        params[member], params.get("EventBusName", ""), call.account, call.region
    )


def _check(call: Call, rule: str = "") -> None:
    """Ask the bus's policy where the bus is another account's."""
    bus = call.params.get("EventBusName", "")
    call.domain.events.buses.check(bus, call.caller, call.region, (call.operation, rule))


def _told(rule: Rule) -> dict[str, Any]:
    told = {
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": rule.pattern,
        "ScheduleExpression": rule.schedule,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role_arn,
        "EventBusName": rule.bus,
    }
    return {name: value for name, value in told.items() if value}

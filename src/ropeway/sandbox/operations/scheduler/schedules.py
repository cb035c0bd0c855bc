"""Schedules, their groups, and the groups' tags."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.events.targets import SDK, kind_of
from ropeway.sandbox.domain.schedules.model import Group, Planned
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.events.listing import page
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.service_models import service_model
from ropeway.values.arn import Arn

__all__: list[str] = []

_TIMES = ("StartDate", "EndDate")
_READS = ("get", "describe", "list")


@operation("scheduler", "CreateSchedule")
def create(call: Call) -> dict[str, Any]:
    """Make a schedule."""
    return {"ScheduleArn": call.domain.schedules.create(call.account, call.region, _request(call)).arn}


@operation("scheduler", "UpdateSchedule")
def update(call: Call) -> dict[str, Any]:
    """Replace a schedule."""
    return {"ScheduleArn": call.domain.schedules.update(call.account, call.region, _request(call)).arn}


@operation("scheduler", "GetSchedule")
def get(call: Call) -> dict[str, Any]:
    """Tell a schedule."""
    planned = call.domain.schedules.find(call.params["Name"], _group(call), call.account, call.region)
    times = {name: moment(planned.document[name]) for name in _TIMES if name in planned.document}
    return {**planned.document, **_summary(planned), **times}


@operation("scheduler", "DeleteSchedule")
def delete(call: Call) -> None:
    """Forget a schedule."""
    call.domain.schedules.delete(call.params["Name"], _group(call), call.account, call.region)


@operation("scheduler", "ListSchedules")
def list_schedules(call: Call) -> dict[str, Any]:
    """Schedules of a group, or of all."""
    params = call.params
    found = [
        planned
        for planned in call.domain.schedules.list(call.account, call.region, params.get("GroupName"))
        if planned.name.startswith(params.get("NamePrefix", ""))
        and params.get("State", planned.document["State"]) == planned.document["State"]
    ]
    shown, more = page(found, params, "MaxResults")
    schedules = [
        {**_summary(planned), "Target": {"Arn": planned.document["Target"]["Arn"]}} for planned in shown
    ]
    return {"Schedules": schedules, **more}


@operation("scheduler", "CreateScheduleGroup")
def create_group(call: Call) -> dict[str, Any]:
    """Make a group."""
    group = call.domain.schedules.create_group(call.account, call.region, call.params)
    return {"ScheduleGroupArn": group.arn}


@operation("scheduler", "GetScheduleGroup")
def get_group(call: Call) -> dict[str, Any]:
    """Tell a group."""
    return _told(call.domain.schedules.group(call.params["Name"], call.account, call.region))


@operation("scheduler", "DeleteScheduleGroup")
def delete_group(call: Call) -> None:
    """Forget a group and its schedules."""
    call.domain.schedules.delete_group(call.params["Name"], call.account, call.region)


@operation("scheduler", "ListScheduleGroups")
def list_groups(call: Call) -> dict[str, Any]:
    """Groups of the account and region."""
    prefix = call.params.get("NamePrefix", "")
    found = [
        group
        for group in call.domain.schedules.groups(call.account, call.region)
        if group.name.startswith(prefix)
    ]
    shown, more = page(found, call.params, "MaxResults")
    return {"ScheduleGroups": [_told(group) for group in shown], **more}


@operation("scheduler", "TagResource")
def tag(call: Call) -> None:
    """Set tags of a group."""
    call.domain.tags.add(_arn(call), call.params["Tags"])


@operation("scheduler", "UntagResource")
def untag(call: Call) -> None:
    """Take tags of a group away."""
    call.domain.tags.remove(_arn(call), call.params["TagKeys"])


@operation("scheduler", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """Tags of a group."""
    return {"Tags": call.domain.tags.list(_arn(call))}


def _request(call: Call) -> dict[str, Any]:
    _check_operation(call.params["Target"]["Arn"])
    return {
        name: value.timestamp() if isinstance(value, datetime) else value
        for name, value in call.params.items()
    }


def _check_operation(arn: str) -> None:
    """Refuse an operation by aws-sdk that its service does not have, or that only reads."""
    if kind_of(arn) != "aws-sdk":
        return
    _, service, action = arn.split(":", 5)[5].split(":")
    name = action[:1].upper() + action[1:]
    if name not in service_model(SDK[service]).operation_names:
        raise Invalid(f"{arn} is not a valid target: {service} has no operation {action}.")
    if action.startswith(_READS):
        raise Invalid(f"{arn} is not a valid target: schedules do not call operations that only read.")


def _group(call: Call) -> str:
    return str(call.params.get("GroupName", "default"))


def _summary(planned: Planned) -> dict[str, Any]:
    return {
        "Arn": planned.arn,
        "Name": planned.name,
        "GroupName": planned.group,
        "State": planned.document["State"],
        "CreationDate": moment(planned.created),
        "LastModificationDate": moment(planned.modified),
    }


def _told(group: Group) -> dict[str, Any]:
    return {
        "Arn": group.arn,
        "Name": group.name,
        "State": "ACTIVE",
        "CreationDate": moment(group.created),
        "LastModificationDate": moment(group.modified),
    }


def _arn(call: Call) -> str:
    text: str = call.params["ResourceArn"]
    try:
        arn = Arn.parse(text)
    except ValueError:
        arn = None
    if arn is None or arn.kind != "schedule-group" or arn.account != call.account:
        text_missing = f"Resource {text} does not exist."
        raise DomainError(text_missing, code="ResourceNotFoundException", status=404)
    call.domain.schedules.group(arn.name, arn.account, arn.region)
    return text

"""Answers to tasks, and activities."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.statemachines.model import Activity
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.stepfunctions import paging
from ropeway.sandbox.operations.stepfunctions.machines import named
from ropeway.values.arn import Arn

__all__: list[str] = []

_POLL = 55.0  # below the sixty seconds after which botocore gives up reading


@operation("stepfunctions", "SendTaskSuccess")
def succeed(call: Call) -> dict[str, Any]:
    """A task is done."""
    call.domain.machine_executions.succeed(call.params["taskToken"], call.params["output"])
    return {}


@operation("stepfunctions", "SendTaskFailure")
def fail(call: Call) -> dict[str, Any]:
    """A task has failed."""
    params = call.params
    call.domain.machine_executions.fail(params["taskToken"], params.get("error"), params.get("cause"))
    return {}


@operation("stepfunctions", "SendTaskHeartbeat")
def beat(call: Call) -> dict[str, Any]:
    """A task is worked on."""
    call.domain.machine_executions.beat(call.params["taskToken"])
    return {}


@operation("stepfunctions", "CreateActivity")
def create_activity(call: Call) -> dict[str, Any]:
    """An activity."""
    arn = f"arn:aws:states:{call.region}:{call.account}:activity:{named(call.params['name'])}"
    made = call.domain.activities.create(Activity(arn, call.domain.machines.now()))
    tags = [{"Key": tag.get("key", ""), "Value": tag.get("value", "")} for tag in call.params.get("tags", ())]
    if tags:
        call.domain.tags.add(arn, tags)
    return {"activityArn": made.arn, "creationDate": moment(made.created)}


@operation("stepfunctions", "DescribeActivity")
def describe_activity(call: Call) -> dict[str, Any]:
    """An activity."""
    found = call.domain.activities.get(call.params["activityArn"])
    return _summary(found)


@operation("stepfunctions", "ListActivities")
def list_activities(call: Call) -> dict[str, Any]:
    """Activities by name."""
    found = call.domain.activities.list(call.account, call.region)
    return paging.sliced("activities", found, call.params, _summary)


@operation("stepfunctions", "DeleteActivity")
def delete_activity(call: Call) -> dict[str, Any]:
    """Forget an activity."""
    call.domain.activities.delete(call.params["activityArn"])
    call.domain.tags.clear(call.params["activityArn"])
    return {}


@operation("stepfunctions", "GetActivityTask")
def take(call: Call) -> dict[str, Any]:
    """The next task of an activity, waited for; nothing when there is none for a minute."""
    params = call.params
    offer = call.domain.activities.take(params["activityArn"], params.get("workerName"), _POLL)
    return {} if offer is None else {"taskToken": offer.token, "input": offer.input}


@operation("stepfunctions", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    """Set tags."""
    tags = [{"Key": each.get("key", ""), "Value": each.get("value", "")} for each in call.params["tags"]]
    call.domain.tags.add(_arn(call), tags)
    return {}


@operation("stepfunctions", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    """Take tags away."""
    call.domain.tags.remove(_arn(call), call.params["tagKeys"])
    return {}


@operation("stepfunctions", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """The tags of a machine or an activity."""
    found = call.domain.tags.list(_arn(call))
    return {"tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in found]}


def _arn(call: Call) -> str:
    arn: str = call.params["resourceArn"]
    try:
        Arn.parse(arn)
    except ValueError as error:
        raise DomainError(f"Invalid Arn: '{arn}'", code="InvalidArn", status=400) from error
    return arn


def _summary(activity: Activity) -> dict[str, Any]:
    return {
        "activityArn": activity.arn,
        "name": activity.name,
        "creationDate": moment(activity.created),
    }

"""Monitoring schedules of data quality, model quality and bias, and their executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.monitoring.service import EXECUTION, SCHEDULE
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_FILTERS = {
    "EndpointName": "EndpointName",
    "MonitoringTypeEquals": "MonitoringType",
    "MonitoringJobDefinitionName": "MonitoringJobDefinitionName",
}


@operation("sagemaker", "CreateMonitoringSchedule")
def create(call: Call) -> dict[str, Any]:
    """Keep a schedule; it fires by the sandbox's clock."""
    tags = call.params.get("Tags", ())
    made = call.domain.monitoring.create(call.account, call.region, call.params, tags)
    return {"MonitoringScheduleArn": made.arn}


@operation("sagemaker", "UpdateMonitoringSchedule")
def update(call: Call) -> dict[str, Any]:
    """Give a schedule another configuration."""
    changed = call.domain.monitoring.update(_found(call).arn, call.params["MonitoringScheduleConfig"])
    return {"MonitoringScheduleArn": changed.arn}


@operation("sagemaker", "DescribeMonitoringSchedule")
def describe(call: Call) -> dict[str, Any]:
    """A schedule with its newest execution."""
    found = _found(call)
    last = call.domain.monitoring.last(found.arn)
    more = {"LastMonitoringExecutionSummary": _execution(last)} if last is not None else {}
    config = {"MonitoringScheduleConfig": found.document["MonitoringScheduleConfig"]}
    return {**_schedule(found), **config, **more}


@operation("sagemaker", "DeleteMonitoringSchedule")
def delete(call: Call) -> None:
    """Forget a schedule."""
    call.domain.monitoring.delete(_found(call).arn)


@operation("sagemaker", "StartMonitoringSchedule")
def start(call: Call) -> None:
    """Go on with a schedule."""
    call.domain.monitoring.start(_found(call).arn)


@operation("sagemaker", "StopMonitoringSchedule")
def stop(call: Call) -> None:
    """Fire a schedule no more."""
    call.domain.monitoring.stop(_found(call).arn)


@operation("sagemaker", "ListMonitoringSchedules")
def list_schedules(call: Call) -> dict[str, Any]:
    """Schedules of the account and region, newest first."""
    asked = dict(call.params)
    if asked.get("SortBy") == "Status":  # a status is nothing that is kept: it follows from the executions
        asked["SortBy"] = "CreationTime"
    page = call.domain.monitoring.list(SCHEDULE, call.account, call.region, pages.listing_of(asked))
    wanted = [each for each in page.items if _fits(each, call.params, "MonitoringScheduleStatus")]
    return pages.answer("MonitoringScheduleSummaries", type(page)(wanted, page.next), asked, _summary)


@operation("sagemaker", "ListMonitoringExecutions")
def list_executions(call: Call) -> dict[str, Any]:
    """Executions of all schedules, or of one, newest first."""
    asked = {
        **call.params,
        "SortBy": call.params.get("SortBy", "CreationTime").replace("Scheduled", "Creation"),
    }
    asked["SortBy"] = "CreationTime" if asked["SortBy"] == "Status" else asked["SortBy"]
    named = call.params.get("MonitoringScheduleName")
    if named:
        asked["parent"] = call.domain.monitoring.named(call.account, call.region, named).arn
    listing = pages.listing_of(asked, equals={"parent": "parent"})
    page = call.domain.monitoring.list(EXECUTION, call.account, call.region, listing)
    wanted = [each for each in page.items if _fits(each, call.params, "MonitoringExecutionStatus")]
    shown = type(page)([each for each in wanted if _in_time(each, call.params)], page.next)
    return pages.answer("MonitoringExecutionSummaries", shown, asked, _execution)


def _found(call: Call) -> Record:
    return call.domain.monitoring.named(call.account, call.region, call.params["MonitoringScheduleName"])


def _fits(record: Record, params: Mapping[str, Any], status: str) -> bool:
    filters = {**_FILTERS, "StatusEquals": status}
    return all(
        record.document.get(member) == params[name] for name, member in filters.items() if name in params
    )


def _in_time(record: Record, params: Mapping[str, Any]) -> bool:
    scheduled = record.document["ScheduledTime"]
    after, before = params.get("ScheduledTimeAfter"), params.get("ScheduledTimeBefore")
    return (after is None or scheduled > after.timestamp()) and (
        before is None or scheduled < before.timestamp()
    )


def _schedule(record: Record) -> dict[str, Any]:
    told = {
        "MonitoringScheduleArn": record.arn,
        "MonitoringScheduleName": record.name,
        "MonitoringScheduleStatus": record.document["MonitoringScheduleStatus"],
        "MonitoringType": record.document["MonitoringType"],
        "CreationTime": pages.moment(record.created),
        "LastModifiedTime": pages.moment(record.modified),
    }
    endpoint = record.document.get("EndpointName")
    return {**told, "EndpointName": endpoint} if endpoint else told


def _summary(record: Record) -> dict[str, Any]:
    name = record.document["MonitoringScheduleConfig"].get("MonitoringJobDefinitionName")
    return {**_schedule(record), **({"MonitoringJobDefinitionName": name} if name else {})}


def _execution(record: Record) -> dict[str, Any]:
    told = {name: value for name, value in record.document.items() if value is not None}
    return {
        **told,
        "ScheduledTime": pages.moment(record.document["ScheduledTime"]),
        "CreationTime": pages.moment(record.created),
        "LastModifiedTime": pages.moment(record.modified),
    }

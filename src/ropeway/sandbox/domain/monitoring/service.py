"""Monitoring schedules: who keeps, starts, stops and fires them.

A schedule's next moment is in its row, and an alarm rings at it; a restart sets the alarms again, and a moment that
passed meanwhile fires once. Firing writes the execution and the next moment in one transaction, then submits the
job, whose name the execution has; a restart in between submits it then. How a job ended is written in the
transaction that ends it.

Left out: explainability, which is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid, NotFound, NotThere
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.monitoring.ports import Places
from ropeway.sandbox.domain.monitoring.requests import (
    TOPICS,
    Definition,
    Moment,
    definition_in,
    definition_named,
    previous,
    processing_request,
    seconds,
    shifted,
)
from ropeway.sandbox.domain.ports import Alarms, Transactions
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.schedules.expressions import ExpressionError, Schedule, parse
from ropeway.values.arn import Arn

__all__ = ["EXECUTION", "SCHEDULE", "MonitoringSchedules", "Surroundings"]

SCHEDULE, EXECUTION = "MonitoringSchedule", "MonitoringExecution"
_NOW = "NOW"
_GOING = ("Pending", "InProgress")
_LONG = 1_000_000


@dataclass(frozen=True)
class Surroundings:
    """What schedules act on.

    Attributes:
        places: where schedules are.
        captured: where the requests of an endpoint (by its ARN) are captured; None where they are not.
    """

    jobs: Jobs
    records: Records
    places: Places
    transactions: Transactions
    alarms: Alarms
    captured: Callable[[str], str | None]


class MonitoringSchedules:
    """The service."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._records = around.records
        around.jobs.changes.record(self._job_ended)

    def create(
        self, account: str, region: str, request: Mapping[str, Any], tags: Sequence[Mapping[str, str]]
    ) -> Record:
        """Keep a schedule and set its alarm.

        Raises:
            DomainError: it is wrong, taken, or of a kind that is not run.
        """
        name, config = str(request["MonitoringScheduleName"]), request["MonitoringScheduleConfig"]
        definition = self._checked(account, region, config)
        arn = _arn(account, region, f"monitoring-schedule/{name.lower()}")
        document = {
            "MonitoringScheduleConfig": config,
            "MonitoringScheduleStatus": "Scheduled",
            "MonitoringType": config.get("MonitoringType", "DataQuality"),
            "EndpointName": definition.endpoint,
            "Next": self._first(config),
        }
        record = Record(arn, SCHEDULE, account, region, name, "", 0.0, 0.0, document)
        made = self._records.create(record, tags)
        self._ring(made)
        return made

    def update(self, arn: str, config: Mapping[str, Any]) -> Record:
        """Give a schedule another configuration; one that is stopped stays so.

        Raises:
            DomainError: there is none, or the configuration is wrong.
        """
        found = self.get(arn)
        definition = self._checked(found.account, found.region, config)
        stopped = found.document["MonitoringScheduleStatus"] == "Stopped"
        changes = {
            "MonitoringScheduleConfig": config,
            "EndpointName": definition.endpoint,
            "Next": None if stopped else self._first(config),
        }
        return self._changed(arn, changes)

    def start(self, arn: str) -> None:
        """Go on with a schedule."""
        found = self.get(arn)
        following = self._first(found.document["MonitoringScheduleConfig"])
        self._changed(arn, {"MonitoringScheduleStatus": "Scheduled", "Next": following})

    def stop(self, arn: str) -> None:
        """Fire a schedule no more until it is started."""
        self.get(arn)
        self._changed(arn, {"MonitoringScheduleStatus": "Stopped", "Next": None})

    def delete(self, arn: str) -> None:
        """Forget a schedule and its executions; jobs that run go on."""
        self.get(arn)
        with self._around.transactions.transaction():
            for execution in self._executions(arn):
                self._records.delete(execution.arn)
            self._records.delete(arn)

    def get(self, arn: str) -> Record:
        """A schedule.

        Raises:
            NotFound: there is none.
        """
        found = self._records.get(arn)
        if found is None:
            raise NotFound(f"Monitoring Schedule {arn} not found")
        return found

    def named(self, account: str, region: str, name: str) -> Record:
        """A schedule by its name.

        Raises:
            NotFound: there is none.
        """
        return self.get(_arn(account, region, f"monitoring-schedule/{name.lower()}"))

    def last(self, arn: str) -> Record | None:
        """A schedule's newest execution."""
        found = self._executions(arn)
        return max(found, key=lambda each: each.document["ScheduledTime"], default=None)

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Record]:
        """Schedules or executions."""
        return self._records.list(kind, account, region, listing)

    def recover(self) -> None:
        """After a restart: set the alarms, and submit jobs that were named and not submitted."""
        for account, region in self._around.places.places(SCHEDULE):
            for schedule in self.list(SCHEDULE, account, region, Listing(limit=_LONG)).items:
                for execution in self._executions(schedule.arn):
                    if execution.document["MonitoringExecutionStatus"] in _GOING and self._lost(execution):
                        self._submit(schedule, execution)
                self._ring(schedule)

    def _lost(self, execution: Record) -> bool:
        try:
            self._around.jobs.get(execution.document["ProcessingJobArn"])
        except DomainError:
            return True
        return False

    def _executions(self, arn: str) -> Sequence[Record]:
        found = Arn.parse(arn)
        listing = Listing(limit=_LONG, equals={"parent": arn})
        return self.list(EXECUTION, found.account, found.region, listing).items

    def _checked(self, account: str, region: str, config: Mapping[str, Any]) -> Definition:
        kind = config.get("MonitoringType", "DataQuality")
        if kind not in TOPICS:
            raise NotThere(f"The sandbox runs monitoring schedules of {', '.join(TOPICS)}, not of {kind}.")
        definition = self._definition(account, region, config)
        endpoint = definition.endpoint
        if endpoint and self._captured(account, region, endpoint) is None:
            raise Invalid(f"Data capture is not enabled for the endpoint {endpoint}.")
        _moment_of("", config, self._records.now())
        self._first(config)
        return definition

    def _definition(self, account: str, region: str, config: Mapping[str, Any]) -> Definition:
        inline, name = config.get("MonitoringJobDefinition"), config.get("MonitoringJobDefinitionName")
        if bool(inline) == bool(name):
            raise Invalid("Give either MonitoringJobDefinition or MonitoringJobDefinitionName.")
        kind = config.get("MonitoringType", "DataQuality")
        if inline and kind != "DataQuality":
            raise Invalid(f"A schedule of {kind} needs a MonitoringJobDefinitionName.")
        if inline:
            return definition_in(inline)
        found = self._records.get(_arn(account, region, f"{TOPICS[kind]}/{name}"))
        if found is None:
            raise NotFound(f"Job definition {name} does not exist.")
        return definition_named(kind, found.document)

    def _captured(self, account: str, region: str, endpoint: str) -> str | None:
        return self._around.captured(_arn(account, region, f"endpoint/{endpoint.lower()}"))

    def _first(self, config: Mapping[str, Any]) -> float | None:
        now = self._records.now()
        schedule = _schedule_of(config)
        return now if schedule is None else schedule.next(now, now)

    def _changed(self, arn: str, changes: Mapping[str, Any]) -> Record:
        changed = self._records.update(arn, changes, whole=True)
        if changed is None:
            raise NotFound(f"Monitoring Schedule {arn} not found")
        self._ring(changed)
        return changed

    def _ring(self, schedule: Record) -> None:
        following = schedule.document["Next"]
        if following is not None:
            self._around.alarms.at(following, lambda: self._due(schedule.arn))

    def _due(self, arn: str) -> None:
        """An alarm rang: fire, unless the schedule has changed since."""
        with self._around.transactions.transaction():
            schedule = self._records.get(arn)
            if schedule is None or schedule.document["Next"] is None:
                return
            if schedule.document["Next"] > self._records.now():
                return
            execution = self._fired(schedule)
        self._submit(schedule, execution)
        self._ring(self.get(arn))

    def _fired(self, schedule: Record) -> Record:
        """Write the execution, and what is due next."""
        scheduled = schedule.document["Next"]
        rhythm = _schedule_of(schedule.document["MonitoringScheduleConfig"])
        now = self._records.now()
        following = rhythm.next(max(scheduled, now), scheduled) if rhythm else None
        self._records.update(schedule.arn, {"Next": following}, whole=True)
        stamp = datetime.fromtimestamp(scheduled, tz=timezone.utc).strftime("%Y%m%d%H%M")
        job = f"model-monitoring-{stamp}-{self._records.ids.uuid().replace('-', '')[:24]}"
        place = (schedule.account, schedule.region)
        document = {
            "MonitoringScheduleName": schedule.name,
            "ScheduledTime": scheduled,
            "MonitoringExecutionStatus": "Pending",
            "ProcessingJobArn": _arn(*place, f"processing-job/{job}"),
            "EndpointName": schedule.document.get("EndpointName"),
            "MonitoringType": schedule.document["MonitoringType"],
            "MonitoringJobDefinitionName": schedule.document["MonitoringScheduleConfig"].get(
                "MonitoringJobDefinitionName"
            ),
        }
        arn = _arn(*place, f"monitoring-execution/{job}")
        return self._records.create(Record(arn, EXECUTION, *place, job, schedule.arn, 0.0, 0.0, document), ())

    def _submit(self, schedule: Record, execution: Record) -> None:
        """Submit an execution's job; what is wrong with it fails the execution."""
        config = schedule.document["MonitoringScheduleConfig"]
        try:
            definition = self._definition(schedule.account, schedule.region, config)
            moment = _moment_of(schedule.name, config, execution.document["ScheduledTime"])
            moment = shifted(moment, definition)
            captured = None
            if definition.endpoint:
                captured = self._captured(schedule.account, schedule.region, definition.endpoint)
                if captured is None:
                    raise Invalid(f"The endpoint {definition.endpoint} captures nothing.")
            request = processing_request(definition, moment, captured, execution.name)
            self._records.update(execution.arn, {"MonitoringExecutionStatus": "InProgress"})
            self._around.jobs.submit(Kind.PROCESSING, schedule.account, schedule.region, request)
        except DomainError as error:
            failed = {"MonitoringExecutionStatus": "Failed", "FailureReason": error.message}
            self._records.update(execution.arn, failed)

    def _job_ended(self, job: Job) -> None:
        if job.kind is not Kind.PROCESSING:
            return
        arn = _arn(job.account, job.region, f"monitoring-execution/{job.name}")
        if self._records.get(arn) is None:
            return
        status = job.status
        if status == "Completed" and str(job.exit_message).startswith("CompletedWithViolations"):
            status = "CompletedWithViolations"
        reason = job.failure_reason or (job.exit_message if status == "CompletedWithViolations" else None)
        changes = {"MonitoringExecutionStatus": status, **({"FailureReason": reason} if reason else {})}
        self._records.update(arn, changes)


def _schedule_of(config: Mapping[str, Any]) -> Schedule | None:
    """When a schedule is due; None for once, now."""
    expression = config.get("ScheduleConfig", {}).get("ScheduleExpression", _NOW)
    if expression == _NOW:
        return None
    try:
        return parse(expression)
    except ExpressionError as error:
        raise Invalid(f"ScheduleExpression {expression!r} is not valid: {error}") from error


def _moment_of(name: str, config: Mapping[str, Any], scheduled: float) -> Moment:
    """The data of an execution are those since the one before, or of the time that the configuration says."""
    start = scheduled - 3600.0 if (rhythm := _schedule_of(config)) is None else previous(rhythm, scheduled)
    times = config.get("ScheduleConfig", {})
    told = [seconds(times.get(member, "")) for member in ("DataAnalysisStartTime", "DataAnalysisEndTime")]
    bounds = [
        known if offset is None else scheduled + offset
        for known, offset in zip((start, scheduled), told, strict=True)
    ]
    return Moment(name, scheduled, *bounds)


def _arn(account: str, region: str, resource: str) -> str:
    return str(Arn("sagemaker", region, account, resource))

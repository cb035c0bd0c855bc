"""EventBridge Scheduler: schedules in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid, NotThere
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.events.targets import check_dead_letters, kind_of
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.schedules.expressions import At, ExpressionError
from ropeway.sandbox.domain.schedules.firing import Firing
from ropeway.sandbox.domain.schedules.model import SCHEDULER, Group, Planned, group_arn, schedule_arn
from ropeway.sandbox.domain.schedules.ports import GroupStore, ScheduleStore
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Schedules"]

_DEFAULT = "default"
_RETRIES = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


class Schedules:
    """The schedules of all accounts."""

    def __init__(
        self,
        stores: tuple[GroupStore, ScheduleStore],
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
        parts: tuple[Firing, Permissions],
    ) -> None:
        self._groups, self._store = stores
        self._transactions = transactions
        self._clock = clock
        self._tags = tags
        self._firing, self._permissions = parts

    def create(self, account: str, region: str, request: Mapping[str, Any]) -> Planned:
        """Make a schedule by CreateSchedule's input, times as epoch seconds.

        Raises:
            DomainError: the name is taken, the group is not there, or members are wrong.
        """
        group, token = request.get("GroupName", _DEFAULT), request.get("ClientToken", "")
        now = self._clock.now()
        planned = Planned(
            account,
            region,
            group,
            request["Name"],
            now,
            now,
            _anchor(request, now),
            _document(request),
            token,
        )
        self._check(planned)
        with self._transactions.transaction():
            self.group(group, account, region)
            known = self._store.get(planned.arn)
            if known is not None and token and known.token == token:
                return known
            if known is not None:
                raise DomainError(
                    f"Schedule {planned.name} already exists.", code="ConflictException", status=409
                )
            self._write(planned)
        return planned

    def update(self, account: str, region: str, request: Mapping[str, Any]) -> Planned:
        """Replace a schedule by UpdateSchedule's input.

        Raises:
            DomainError: it is not there, or members are wrong.
        """
        known = self.find(request["Name"], request.get("GroupName", _DEFAULT), account, region)
        document = _document(request)
        now = self._clock.now()
        same = document["ScheduleExpression"] == known.document["ScheduleExpression"]
        anchor = known.anchor if same and "StartDate" not in request else _anchor(request, now)
        planned = replace(known, modified=now, anchor=anchor, document=document)
        self._check(planned)
        with self._transactions.transaction():
            self._write(planned)
        return planned

    def find(self, name: str, group: str, account: str, region: str) -> Planned:
        """A schedule.

        Raises:
            DomainError: there is none.
        """
        found = self._store.get(schedule_arn(account, region, group, name))
        if found is None:
            raise _missing(f"Schedule {name} does not exist.")
        return found

    def delete(self, name: str, group: str, account: str, region: str) -> None:
        """Forget a schedule.

        Raises:
            DomainError: there is none.
        """
        with self._transactions.transaction():
            self._drop(self.find(name, group, account, region))

    def list(self, account: str, region: str, group: str | None) -> Sequence[Planned]:
        """The schedules of a group, or of all of them.

        Raises:
            DomainError: there is no such group.
        """
        if group is not None:
            self.group(group, account, region)
        return self._store.list(account, region, group)

    def group(self, name: str, account: str, region: str) -> Group:
        """A group.

        Raises:
            DomainError: there is none.
        """
        found = self._groups.get(group_arn(account, region, name))
        if found is not None:
            return found
        if name == _DEFAULT:
            return Group(account, region, name, 0.0, 0.0)
        raise _missing(f"Schedule group {name} does not exist.")

    def create_group(self, account: str, region: str, request: Mapping[str, Any]) -> Group:
        """Make a group by CreateScheduleGroup's input.

        Raises:
            DomainError: the name is taken.
        """
        now = self._clock.now()
        group = Group(account, region, request["Name"], now, now)
        with self._transactions.transaction():
            if group.name == _DEFAULT or self._groups.get(group.arn) is not None:
                text = f"Schedule group {group.name} already exists."
                raise DomainError(text, code="ConflictException", status=409)
            self._groups.put(group)
            self._tags.add(group.arn, request.get("Tags", ()))
        return group

    def delete_group(self, name: str, account: str, region: str) -> None:
        """Forget a group and its schedules.

        Raises:
            DomainError: it is not there, or the default one.
        """
        if name == _DEFAULT:
            raise Invalid("The default schedule group cannot be deleted.")
        with self._transactions.transaction():
            group = self.group(name, account, region)
            for planned in self._store.list(account, region, name):
                self._drop(planned)
            self._groups.delete(group.arn)
            self._tags.clear(group.arn)

    def groups(self, account: str, region: str) -> Sequence[Group]:
        """The groups of an account and region, the default one first."""
        return [self.group(_DEFAULT, account, region), *self._groups.list(account, region)]

    def _write(self, planned: Planned) -> None:
        self._store.put(planned)
        self._firing.schedule_changed(planned.arn, planned)

    def _drop(self, planned: Planned) -> None:
        self._store.delete(planned.arn)
        self._firing.schedule_changed(planned.arn, None)

    def _check(self, planned: Planned) -> None:
        document = planned.document
        expression = document["ScheduleExpression"]
        try:
            schedule = planned.schedule
        except ExpressionError as error:
            zone = document.get("ScheduleExpressionTimezone", "UTC")
            what = f"Timezone {zone}." if str(error) == zone else f"Schedule Expression {expression}."
            raise Invalid(f"Invalid {what}") from error
        start, end = document.get("StartDate"), document.get("EndDate")
        if not isinstance(schedule, At) and start is not None and end is not None and start >= end:
            raise Invalid("The StartDate must come before the EndDate.")
        window = document["FlexibleTimeWindow"]
        if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
            raise Invalid(
                "A flexible time window needs MaximumWindowInMinutes, and mode OFF must not have it."
            )
        self._check_target(planned, document["Target"])

    def _check_target(self, planned: Planned, target: Mapping[str, Any]) -> None:
        arn = target["Arn"]
        try:
            parsed = Arn.parse(arn)
        except ValueError as error:
            raise Invalid("Provided Arn is not in correct format.") from error
        if kind_of(arn) in {"", "api-destination"}:
            raise NotThere(
                f"The sandbox does not schedule {parsed.service} {parsed.resource}. It schedules Lambda, SQS, SNS, "
                "Step Functions, SageMaker pipelines and event buses, and calls of these by aws-sdk."
            )
        if parsed.service == "events" and "EventBridgeParameters" not in target:
            raise Invalid("EventBridgeParameters must be specified for an event bus target.")
        check_dead_letters(target)
        fifo = parsed.service == "sqs" and arn.endswith(".fifo")
        if fifo and not target.get("SqsParameters", {}).get("MessageGroupId"):
            raise Invalid("SqsParameters.MessageGroupId must be specified for a FIFO queue.")
        if not self._permissions.trusts(target["RoleArn"], SCHEDULER, planned.arn, planned.account):
            raise Invalid(
                "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            )


def _anchor(request: Mapping[str, Any], now: float) -> float:
    return max(now, float(request.get("StartDate", now)))


def _document(request: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {"ClientToken", "GroupName", "Name"}
    document = {name: value for name, value in request.items() if name not in left_out}
    document.setdefault("State", "ENABLED")
    document.setdefault("ScheduleExpressionTimezone", "UTC")
    document.setdefault("ActionAfterCompletion", "NONE")
    target = document["Target"]
    document["Target"] = {**target, "RetryPolicy": {**_RETRIES, **target.get("RetryPolicy", {})}}
    return document


def _missing(text: str) -> DomainError:
    return DomainError(text, code="ResourceNotFoundException", status=404)

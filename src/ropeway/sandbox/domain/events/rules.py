"""Rules and their targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid, NotThere
from ropeway.sandbox.domain.events.buses import Buses
from ropeway.sandbox.domain.events.model import DEFAULT_BUS, EVENTS, Rule
from ropeway.sandbox.domain.events.patterns import compile_pattern
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.events.ports import RuleStore
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.events.targets import check_dead_letters, kind_of
from ropeway.sandbox.domain.events.transform import check_input
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Rules"]

_MOST_TARGETS = 5
_NEED_ROLES = frozenset({"states", "sagemaker", "api-destination"})


class Rules:
    """The rules of all buses.

    Args:
        parts: buses, the sink that compiles rules, who looks at roles.
        changed: told of every rule that was written or deleted (None), inside the transaction: for schedules.
    """

    def __init__(
        self,
        store: RuleStore,
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
        parts: tuple[Buses, EventSink, Permissions],
        changed: Callable[[str, Rule | None], None],
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._tags = tags
        self._buses, self._sink, self._permissions = parts
        self._changed = changed

    def find(self, name: str, bus: str, account: str, region: str) -> Rule:
        """A rule by its name and its bus's name or ARN.

        Raises:
            DomainError: there is none.
        """
        found = self._get(name, bus, account, region)
        if found is None:
            where = self._buses.arn_of(bus, account, region).name
            text = f"Rule {name} does not exist on EventBus {where}."
            raise DomainError(text, code="ResourceNotFoundException", status=400)
        return found

    def put(self, account: str, region: str, request: Mapping[str, Any]) -> Rule:
        """Make or change a rule by PutRule's input.

        Raises:
            DomainError: pattern or schedule are wrong, or the bus is not there.
        """
        bus = self._buses.find(request.get("EventBusName", ""), account, region)
        pattern, schedule = request.get("EventPattern", ""), request.get("ScheduleExpression", "")
        if not pattern and not schedule:
            raise Invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if pattern:
            compile_pattern(pattern)
        if schedule and bus.name != DEFAULT_BUS:
            raise Invalid("ScheduleExpression is supported only on the default event bus.")
        with self._transactions.transaction():
            before = self._get(request["Name"], bus.arn, account, region)
            now = self._clock.now()
            rule = Rule(
                account=bus.account,
                region=bus.region,
                bus=bus.name,
                name=request["Name"],
                state=request.get("State", "ENABLED"),
                created=before.created if before is not None and before.schedule == schedule else now,
                pattern=pattern,
                schedule=schedule,
                description=request.get("Description", ""),
                role_arn=request.get("RoleArn", ""),
                targets=before.targets if before is not None else (),
            )
            self._write(rule)
            if before is None:
                self._tags.add(rule.arn, request.get("Tags", ()))
        return rule

    def switch(self, rule: Rule, state: str) -> None:
        """Enable or disable a rule; a schedule's rate counts anew from when it is enabled."""
        with self._transactions.transaction():
            known = self._store.get(rule.arn) or rule
            created = self._clock.now() if state == "ENABLED" and known.state == "DISABLED" else known.created
            self._write(replace(known, state=state, created=created))

    def delete(self, name: str, bus: str, account: str, region: str) -> None:
        """Forget a rule; one that is not there is no error.

        Raises:
            Invalid: it has targets.
        """
        with self._transactions.transaction():
            rule = self._get(name, bus, account, region)
            if rule is None:
                return
            if rule.targets:
                raise Invalid("Rule can't be deleted since it has targets.")
            self._store.delete(rule.arn)
            self._tags.clear(rule.arn)
            self._sink.forget(rule.bus_arn)
            self._changed(rule.arn, None)

    def list(self, bus: str, account: str, region: str) -> Sequence[Rule]:
        """The rules of a bus by name.

        Raises:
            DomainError: there is no such bus.
        """
        return self._store.of_bus(self._buses.find(bus, account, region).arn)

    def put_targets(self, rule: Rule, targets: Sequence[Mapping[str, Any]]) -> None:
        """Add or change targets.

        Raises:
            DomainError: one cannot be a target, or there would be too many.
        """
        if len({target["Id"] for target in targets}) < len(targets):
            raise Invalid("Each target in a request must have a different Id.")
        for target in targets:
            self._check(rule, target)
        with self._transactions.transaction():
            known = self._store.get(rule.arn) or rule
            merged = {str(target["Id"]): target for target in (*known.targets, *targets)}
            if len(merged) > _MOST_TARGETS:
                text = "The requested resource exceeds the maximum number allowed."
                raise DomainError(text, code="LimitExceededException", status=400)
            self._write(replace(known, targets=tuple(merged.values())))

    def remove_targets(self, rule: Rule, ids: Sequence[str]) -> Sequence[str]:
        """Take targets away; returns the ids that were not there."""
        with self._transactions.transaction():
            known = self._store.get(rule.arn) or rule
            kept = tuple(target for target in known.targets if target["Id"] not in ids)
            self._write(replace(known, targets=kept))
        there = {target["Id"] for target in known.targets}
        return [each for each in ids if each not in there]

    def _check(self, rule: Rule, target: Mapping[str, Any]) -> None:
        arn, name = target["Arn"], target["Id"]
        try:
            parsed = Arn.parse(arn)
        except ValueError as error:
            raise Invalid(f"Provided Arn is not in correct format. Reason: {arn}") from error
        kind = kind_of(arn)
        if not kind or kind == "aws-sdk":
            raise NotThere(
                f"The sandbox does not deliver events to {parsed.service} {parsed.resource}: target {name}. "
                "It delivers to Lambda, SQS, SNS, Step Functions, SageMaker pipelines, CloudWatch Logs, API "
                "destinations and event buses."
            )
        check_input(target)
        check_dead_letters(target)
        role = target.get("RoleArn")
        if not role and kind in _NEED_ROLES:
            raise Invalid(f"RoleArn is required for target {arn}.")
        if role and not self._permissions.trusts(role, EVENTS, rule.arn, rule.account):
            raise Invalid(f"Provided role '{role}' cannot be assumed by principal '{EVENTS}'.")
        if (
            kind == "sqs"
            and arn.endswith(".fifo")
            and not (target.get("SqsParameters") or {}).get("MessageGroupId")
        ):
            raise Invalid(f"Parameter(s) MessageGroupId must be specified for target: {name}.")
        if kind == "events" and arn == rule.bus_arn:
            raise Invalid(f"Event bus {arn} cannot be a target of its own rule.")
        if kind != "events" and parsed.region != rule.region:
            raise Invalid(f"Target {name} must be in the same region as the rule: {arn}")

    def _get(self, name: str, bus: str, account: str, region: str) -> Rule | None:
        arn = self._buses.arn_of(bus, account, region)
        probe = Rule(arn.account, arn.region, arn.name, name, "", 0.0)
        return self._store.get(probe.arn)

    def _write(self, rule: Rule) -> None:
        self._store.put(rule)
        self._sink.forget(rule.bus_arn)
        self._changed(rule.arn, rule)

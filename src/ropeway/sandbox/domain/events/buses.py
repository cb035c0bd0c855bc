"""Event buses: every account and region has one called ``default``; others are made, and policies let others in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Denied, DomainError, Invalid
from ropeway.sandbox.domain.events.model import DEFAULT_BUS, Bus, Rule, bus_arn
from ropeway.sandbox.domain.events.ports import BusStore, RuleStore
from ropeway.sandbox.domain.policy import Decision, evaluate, parse
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Buses", "missing"]

_DOCUMENT = ("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")


class Buses:
    """The buses of all accounts."""

    def __init__(
        self, stores: tuple[BusStore, RuleStore], transactions: Transactions, clock: Clock, tags: Tags
    ) -> None:
        self._store, self._rules = stores
        self._transactions = transactions
        self._clock = clock
        self._tags = tags

    def find(self, name: str, account: str, region: str) -> Bus:
        """A bus by its name or ARN.

        Raises:
            DomainError: there is none.
        """
        arn = self.arn_of(name, account, region)
        found = self._store.get(str(arn))
        if found is not None:
            return found
        if arn.name == DEFAULT_BUS:
            return Bus(arn.account, arn.region, DEFAULT_BUS, 0.0, 0.0)
        raise missing(arn.name)

    def arn_of(self, name: str, account: str, region: str) -> Arn:
        """The ARN of a bus that is named by its name or ARN.

        Raises:
            Invalid: it is no ARN of a bus.
        """
        if not name.startswith("arn:"):
            return Arn.parse(bus_arn(account, region, name or DEFAULT_BUS))
        try:
            arn = Arn.parse(name)
        except ValueError as error:
            raise Invalid(f"Invalid event bus: {name}") from error
        if arn.service != "events" or arn.kind != "event-bus":
            raise Invalid(f"Invalid event bus: {name}")
        return arn

    def create(self, account: str, region: str, request: Mapping[str, Any]) -> Bus:
        """Make a bus by CreateEventBus's input.

        Raises:
            DomainError: the name is taken or reserved.
        """
        name = request["Name"]
        if "/" in name and "EventSourceName" not in request:
            raise Invalid("Event bus name must not contain '/'.")
        if name.startswith("aws.") or "EventSourceName" in request:
            text = f"Event source {request.get('EventSourceName', name)} does not exist."
            raise DomainError(text, code="ResourceNotFoundException", status=400)
        now = self._clock.now()
        bus = Bus(account, region, name, now, now, None, _document(request))
        with self._transactions.transaction():
            if name == DEFAULT_BUS or self._store.get(bus.arn) is not None:
                text = f"Event bus {name} already exists."
                raise DomainError(text, code="ResourceAlreadyExistsException", status=400)
            self._store.put(bus)
            self._tags.add(bus.arn, request.get("Tags", ()))
        return bus

    def update(self, account: str, region: str, request: Mapping[str, Any]) -> Bus:
        """Change what a bus is described as.

        Raises:
            DomainError: there is none.
        """
        with self._transactions.transaction():
            bus = self.find(request.get("Name", ""), account, region)
            document = {**bus.document, **_document(request)}
            return self._write(replace(bus, document=document))

    def delete(self, account: str, region: str, name: str) -> None:
        """Forget a bus; one that is not there is no error.

        Raises:
            Invalid: it is the default bus, or has rules.
        """
        arn = str(self.arn_of(name, account, region))
        if arn.endswith(f"/{DEFAULT_BUS}"):
            raise Invalid("Cannot delete event bus default.")
        with self._transactions.transaction():
            rules = self._rules.of_bus(arn)
            if rules:
                raise Invalid(f"Event bus {name} cannot be deleted: it has rules ({rules[0].name}).")
            self._store.delete(arn)
            self._tags.clear(arn)

    def list(self, account: str, region: str, prefix: str = "") -> Sequence[Bus]:
        """The buses of an account and region, the default one first."""
        found = [bus for bus in self._store.list(account, region) if bus.name != DEFAULT_BUS]
        return [
            bus for bus in (self.find(DEFAULT_BUS, account, region), *found) if bus.name.startswith(prefix)
        ]

    def permit(self, account: str, region: str, request: Mapping[str, Any]) -> None:
        """Change a bus's policy by PutPermission's input.

        Raises:
            DomainError: the policy is none, or members are missing.
        """
        with self._transactions.transaction():
            bus = self.find(request.get("EventBusName", ""), account, region)
            policy = _policy(request) if "Policy" in request else _with_statement(bus, request)
            if len(json.dumps(policy)) > 10_240:
                text = "The policy document is over the size limit of 10240 characters."
                raise DomainError(text, code="PolicyLengthExceededException", status=400)
            self._write(replace(bus, policy=policy))

    def forbid(self, account: str, region: str, request: Mapping[str, Any]) -> None:
        """Take statements out of a bus's policy by RemovePermission's input.

        Raises:
            DomainError: there is no such statement.
        """
        with self._transactions.transaction():
            bus = self.find(request.get("EventBusName", ""), account, region)
            if request.get("RemoveAllPermissions"):
                self._write(replace(bus, policy=None))
                return
            if bus.policy is None:
                text = "EventBus does not have a policy."
                raise DomainError(text, code="ResourceNotFoundException", status=400)
            statements = _statements(bus)
            kept = [each for each in statements if each.get("Sid") != request.get("StatementId")]
            if len(kept) == len(statements):
                text = "Statement with the provided id does not exist."
                raise DomainError(text, code="ResourceNotFoundException", status=400)
            self._write(replace(bus, policy={**bus.policy, "Statement": kept} if kept else None))

    def check_put(self, bus: Bus, caller: Caller, entry: Mapping[str, Any]) -> None:
        """Refuse an event of a caller that the bus's policy does not let in; its own account may.

        Raises:
            Denied: it may not.
        """
        context = {
            "events:source": str(entry.get("Source", "")),
            "events:detail-type": str(entry.get("DetailType", "")),
        }
        _demand(bus, caller, ("PutEvents", bus.arn), context)

    def check(self, name: str, caller: Caller, region: str, what: tuple[str, str]) -> None:
        """Refuse what another account does with a bus and its rules, unless the bus's policy lets it.

        Args:
            name: the bus's name or ARN.
            caller: who asks.
            region: where.
            what: the operation, and the rule's name or nothing.

        Raises:
            DomainError: it may not, or the bus is not there.
        """
        operation, rule = what
        if self.arn_of(name, caller.account, region).account == caller.account:
            return
        bus = self.find(name, caller.account, region)
        resource = Rule(bus.account, bus.region, bus.name, rule, "", 0.0).arn if rule else bus.arn
        _demand(bus, caller, (operation, resource), {"events:creatorAccount": caller.account})

    def _write(self, bus: Bus) -> Bus:
        written = replace(bus, modified=self._clock.now())
        self._store.put(written)
        return written


def _demand(bus: Bus, caller: Caller, what: tuple[str, str], context: Mapping[str, str]) -> None:
    action, resource = what
    decision = evaluate(
        bus.policy or {"Statement": []},
        principal_arn=caller.arn,
        principal_account=caller.account,
        action=f"events:{action}",
        resource=resource,
        context=context,
    )
    own = caller.account == bus.account
    if decision is Decision.DENY or (decision is Decision.NONE and not own):
        raise Denied(
            f"User: {caller.arn} is not authorized to perform: events:{action} on resource: {resource}",
            code="AccessDeniedException",
            status=400,
        )


def missing(name: str) -> DomainError:
    """The error of a bus that is not there."""
    return DomainError(f"Event bus {name} does not exist.", code="ResourceNotFoundException", status=400)


def _document(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in _DOCUMENT if name in request}


def _statements(bus: Bus) -> list[Mapping[str, Any]]:
    found = (bus.policy or {}).get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def _policy(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return parse(request["Policy"])
    except Invalid as error:
        raise Invalid(f"Invalid policy: {error.message}") from error


def _with_statement(bus: Bus, request: Mapping[str, Any]) -> dict[str, Any]:
    absent = [name for name in ("Action", "Principal", "StatementId") if name not in request]
    if absent:
        raise Invalid(f"Parameter {absent[0]} must be specified.")
    if request["Action"] != "events:PutEvents":
        raise Invalid("Provided value in parameter 'action' is not supported.")
    who = request["Principal"]
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": "*" if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"},
        "Action": "events:PutEvents",
        "Resource": bus.arn,
    }
    condition = request.get("Condition")
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    kept = [each for each in _statements(bus) if each.get("Sid") != request["StatementId"]]
    return {"Version": "2012-10-17", "Statement": [*kept, statement]}

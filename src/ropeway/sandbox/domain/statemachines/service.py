"""State machines with their versions and aliases: what there is to execute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import Conflict
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.statemachines.check import check
from ropeway.sandbox.domain.statemachines.faults import no_machine, refused
from ropeway.sandbox.domain.statemachines.logs import check_logging
from ropeway.sandbox.domain.statemachines.model import Machine
from ropeway.sandbox.domain.statemachines.ports import ExecutionStore, MachineStore
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Machines", "taken_apart"]

_LARGEST = 1_048_576


class Machines:
    """The state machines of all accounts."""

    def __init__(
        self,
        stores: tuple[MachineStore, ExecutionStore],
        transactions: Transactions,
        sources: tuple[Clock, Ids],
        tags: Tags,
    ) -> None:
        self._store, self._executions = stores
        self._transactions = transactions
        self._clock, self._ids = sources
        self._tags = tags

    def create(self, machine: Machine, tags: Sequence[Mapping[str, str]]) -> Machine:
        """Keep a new machine; the same again changes nothing, whatever its role and tags.

        Raises:
            DomainError: the definition or the role is wrong, or the name is taken by another machine.
        """
        _check(machine)
        now = self._clock.now()
        with self._transactions.transaction():
            before = self._store.get(machine.arn)
            if before is not None:
                same = ("definition", "type", "settings")
                if any(getattr(before, name) != getattr(machine, name) for name in same):
                    raise refused(
                        "StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'"
                    )
                return before
            made = replace(machine, created=now, updated=now, revision=self._ids.uuid())
            self._store.put(made)
            if tags:
                self._tags.add(machine.arn, tags)
        return made

    def update(self, arn: str, changes: Mapping[str, Any]) -> Machine:
        """Change a machine; executions that run go on as they began.

        Raises:
            DomainError: there is none, or the definition or the role is wrong.
        """
        with self._transactions.transaction():
            changed = replace(self.get(arn), **changes)
            _check(changed)
            changed = replace(changed, updated=self._clock.now(), revision=self._ids.uuid())
            self._store.put(changed)
        return changed

    def get(self, arn: str) -> Machine:
        """A machine.

        Raises:
            DomainError: there is none.
        """
        found = self._store.get(arn)
        if found is None:
            raise no_machine(arn)
        return found

    def called(self, arn: str) -> Machine:
        """The machine or the version behind the ARN of a machine, a version or an alias.

        Raises:
            DomainError: there is none.
        """
        base, qualifier = taken_apart(arn)
        machine = self._store.get(base)
        if machine is None:
            raise no_machine(arn)
        if not qualifier:
            return machine
        versions = {str(each.version): each for each in self._store.versions(base)}
        if qualifier in versions:
            return replace(versions[qualifier], created=machine.created)
        alias = next((each for each in self._store.aliases(base) if each.name == qualifier), None)
        if alias is None:
            raise no_machine(arn)
        weights = [(route["weight"], route["stateMachineVersionArn"]) for route in alias.routes]
        return self.called(_drawn(weights, self._ids))

    def delete(self, arn: str) -> None:
        """Forget a machine with its versions, aliases, tags and what its executions left; running ones end first."""
        with self._transactions.transaction():
            self._store.delete(arn)
            self._executions.forget(arn)
            self._tags.clear(arn)

    def list(self, account: str, region: str, listing: Listing) -> Page[Machine]:
        """Machines of one account and region."""
        return self._store.list(account, region, listing)

    def publish(self, arn: str, description: str, revision: str | None) -> Machine:
        """Publish the machine as it is now; the same revision again gives the version that it has.

        Raises:
            DomainError: there is none, or ``revision`` is not the present one.
        """
        with self._transactions.transaction():
            machine = self.get(arn)
            if revision is not None and revision != machine.revision:
                raise Conflict(f"The revision {revision} is not the present one of {arn}.")
            before = self._store.versions(arn)
            if before and before[0].revision == machine.revision:
                return before[0]
            number = self._store.last_version(arn) + 1
            version = replace(machine, version=number, description=description, created=self._clock.now())
            self._store.put_version(version)
        return version

    def versions(self, arn: str) -> Sequence[Machine]:
        """A machine's versions, newest first."""
        return self._store.versions(self.get(arn).arn)

    def drop_version(self, arn: str) -> None:
        """Forget a version.

        Raises:
            DomainError: an alias routes to it.
        """
        base, qualifier = taken_apart(arn)
        with self._transactions.transaction():
            for alias in self._store.aliases(base):
                if any(route["stateMachineVersionArn"] == arn for route in alias.routes):
                    raise Conflict(f"Version to be deleted must not be referenced by an alias: {alias.arn}")
            if qualifier.isdigit():
                self._store.drop_version(base, int(qualifier))

    def now(self) -> float:
        """The time, epoch seconds."""
        return self._clock.now()


def _check(machine: Machine) -> None:
    check_logging(machine.settings.get("loggingConfiguration") or {})
    if len(machine.definition) > _LARGEST:
        raise refused("InvalidDefinition", "Invalid State Machine Definition: 'DEFINITION_TOO_LARGE'")
    found = check(machine.definition, machine.type)
    if found:
        told = ", ".join(map(str, found))
        raise refused("InvalidDefinition", f"Invalid State Machine Definition: '{told}'")
    try:
        role = Arn.parse(machine.role_arn)
    except ValueError as error:
        raise refused("InvalidArn", f"Invalid Role Arn: '{machine.role_arn}'") from error
    if (role.service, role.kind) != ("iam", "role"):
        raise refused("InvalidArn", f"Invalid Role Arn: '{machine.role_arn}'")


def taken_apart(arn: str) -> tuple[str, str]:
    """The machine's ARN, and the version or alias behind it."""
    parts = arn.split(":")
    if len(parts) not in {7, 8} or parts[5] != "stateMachine":
        raise refused("InvalidArn", f"Invalid Arn: '{arn}'")
    return ":".join(parts[:7]), parts[7] if len(parts) == 8 else ""


def _drawn(weights: Sequence[tuple[int, str]], ids: Ids) -> str:
    """One ARN by weight."""
    place = int(ids.uuid().replace("-", "")[:8], 16) % 100
    for weight, arn in weights:
        if place < weight:
            return arn
        place -= weight
    return weights[-1][1]

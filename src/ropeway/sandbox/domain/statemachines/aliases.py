"""Aliases of state machines: names for versions."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.errors import Conflict
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.model import Alias
from ropeway.sandbox.domain.statemachines.ports import MachineStore
from ropeway.sandbox.domain.statemachines.service import Machines, taken_apart

__all__ = ["Aliases"]


class Aliases:
    """The aliases of all state machines."""

    def __init__(self, machines: Machines, store: MachineStore, transactions: Transactions) -> None:
        self._machines = machines
        self._store = store
        self._transactions = transactions

    def put(self, alias: Alias, *, new: bool) -> Alias:
        """Keep an alias.

        Raises:
            DomainError: a version is not there, or is another machine's; the alias is there already, or is not.
        """
        with self._transactions.transaction():
            published = {each.version_arn for each in self._store.versions(alias.machine_arn)}
            for route in alias.routes:
                if route["stateMachineVersionArn"] not in published:
                    wanted = route["stateMachineVersionArn"]
                    raise refused("ResourceNotFound", f"State Machine Version Does Not Exist: '{wanted}'")
            if sum(route["weight"] for route in alias.routes) != 100:
                raise refused("ValidationException", "Sum of routing configuration weights must equal 100")
            before = self._alias(alias.arn)
            if new and before is not None and _same(alias, before):
                return before
            if new and before is not None:
                raise Conflict(f"State Machine Alias Already Exists: '{alias.arn}'")
            if not new and before is None:
                raise refused("ResourceNotFound", f"State Machine Alias Does Not Exist: '{alias.arn}'")
            self._store.put_alias(alias)
        return alias

    def list(self, machine_arn: str) -> Sequence[Alias]:
        """A machine's aliases by name."""
        return self._store.aliases(self._machines.get(machine_arn).arn)

    def get(self, arn: str) -> Alias:
        """An alias.

        Raises:
            DomainError: there is none.
        """
        found = self._alias(arn)
        if found is None:
            raise refused("ResourceNotFound", f"State Machine Alias Does Not Exist: '{arn}'")
        return found

    def drop(self, arn: str) -> None:
        """Forget an alias.

        Raises:
            DomainError: there is none.
        """
        self._store.drop_alias(self.get(arn).arn)

    def _alias(self, arn: str) -> Alias | None:
        base, _ = taken_apart(arn)
        return next((each for each in self._store.aliases(base) if each.arn == arn), None)


def _same(alias: Alias, before: Alias) -> bool:
    one, other = ((each.description, [dict(route) for route in each.routes]) for each in (alias, before))
    return one == other

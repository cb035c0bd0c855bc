"""Activities: tasks that workers outside ask for, one at a time, and answer with their tokens."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.statemachines.engine import Engine, Offer
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.model import Activity
from ropeway.sandbox.domain.statemachines.ports import ActivityStore

__all__ = ["Activities"]


class Activities:
    """The activities of all accounts."""

    def __init__(self, store: ActivityStore, engine: Engine, transactions: Transactions) -> None:
        self._store = store
        self._engine = engine
        self._transactions = transactions

    def create(self, activity: Activity) -> Activity:
        """Keep a new activity; one that is there stays."""
        with self._transactions.transaction():
            before = self._known(activity.arn)
            if before is None:
                self._store.put(activity)
        return before or activity

    def get(self, arn: str) -> Activity:
        """An activity.

        Raises:
            DomainError: there is none.
        """
        found = self._known(arn)
        if found is None:
            raise refused("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
        return found

    def list(self, account: str, region: str) -> Sequence[Activity]:
        """Activities of one account and region by name."""
        return self._store.list(account, region)

    def delete(self, arn: str) -> None:
        """Forget an activity."""
        self._known(arn)
        self._store.drop(arn)

    def take(self, arn: str, worker: str | None, patience: float) -> Offer | None:
        """The next task of an activity, or None when none came within so many seconds.

        Raises:
            DomainError: there is no such activity.
        """
        return self._engine.take(self.get(arn).arn, worker, patience)

    def _known(self, arn: str) -> Activity | None:
        parts = arn.split(":")
        if len(parts) != 7 or parts[5] != "activity":
            raise refused("InvalidArn", f"Invalid Arn: '{arn}'")
        listed = self._store.list(parts[4], parts[3])
        return next((each for each in listed if each.arn == arn), None)

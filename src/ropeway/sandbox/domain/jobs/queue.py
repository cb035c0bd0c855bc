"""Who runs next: jobs wait in groups, and the groups take turns.

An execution is a group, so one with five hundred steps does not keep another's first step waiting; jobs that belong to
no execution are one group per account. What a server before left running goes first: it takes a place already.
Not safe for use by several threads at once.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from ropeway.sandbox.domain.jobs.model import Job

__all__ = ["FairQueue", "group_of"]

Item = TypeVar("Item")
_FIRST = ""


def group_of(job: Job) -> str:
    """The group that a job waits in."""
    return job.step.execution_arn if job.step is not None else job.account


class FairQueue(Generic[Item]):
    """A queue of queues; every call takes the same time however many wait."""

    def __init__(self) -> None:
        self._groups: OrderedDict[str, OrderedDict[str, Item]] = OrderedDict()
        self._group_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._group_of)

    def put(self, job: Job, item: Item, *, first: bool = False) -> None:
        """Have a job's item wait; ``first`` before all that is not."""
        group = _FIRST if first else group_of(job)
        self._groups.setdefault(group, OrderedDict())[job.arn] = item
        self._group_of[job.arn] = group

    def take(self) -> Item:
        """The oldest item of the group whose turn it is.

        Raises:
            LookupError: nothing waits.
        """
        if not self._groups:
            raise LookupError("nothing waits")
        group = _FIRST if _FIRST in self._groups else next(iter(self._groups))
        arn, item = self._groups[group].popitem(last=False)
        self._groups.move_to_end(group)
        self._forget(arn, group)
        return item

    def remove(self, arn: str) -> Item | None:
        """Take one item out by its job's ARN; None when it does not wait."""
        group = self._group_of.get(arn)
        if group is None:
            return None
        item = self._groups[group].pop(arn)
        self._forget(arn, group)
        return item

    def clear(self) -> None:
        """Forget all that waits."""
        self._groups.clear()
        self._group_of.clear()

    def _forget(self, arn: str, group: str) -> None:
        del self._group_of[arn]
        if not self._groups[group]:
            del self._groups[group]

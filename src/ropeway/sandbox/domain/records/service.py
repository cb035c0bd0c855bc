"""Records: made once, changed by merging, gone when deleted; a resource that others live in stays.

An update replaces what it names: members of a structure one by one, everything else whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import InUse
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.records.ports import Record, RecordStore
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Records"]


class Records:
    """Resources by ARN.

    Attributes:
        ids: what resources are named by that their callers do not name.
    """

    def __init__(
        self, store: RecordStore, transactions: Transactions, clock: Clock, ids: Ids, tags: Tags
    ) -> None:
        self.ids = ids
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._tags = tags

    def create(self, record: Record, tags: Sequence[Mapping[str, str]]) -> Record:
        """Keep a new resource; its times are set here.

        Raises:
            InUse: there is one of this ARN.
        """
        now = self._clock.now()
        made = replace(record, created=now, modified=now)
        with self._transactions.transaction():
            if self._store.get(record.arn) is not None:
                raise InUse(f"{record.kind} {record.name} already exists: {record.arn}")
            self._store.put(made)
            if tags:
                self._tags.add(record.arn, tags)
        return made

    def now(self) -> float:
        """The time, in seconds since 1970-01-01 UTC."""
        return self._clock.now()

    def get(self, arn: str) -> Record | None:
        """A resource, or None."""
        return self._store.get(arn)

    def update(self, arn: str, changes: Mapping[str, Any], *, whole: bool = False) -> Record | None:
        """Change what is named; None when there is no such resource.

        Args:
            arn: the resource.
            changes: members of its document; objects are merged with those that are there.
            whole: the members take the place of those that are there instead.
        """
        with self._transactions.transaction():
            found = self._store.get(arn)
            if found is None:
                return None
            document = {**found.document, **changes} if whole else merged(found.document, changes)
            changed = replace(found, document=document, modified=self._clock.now())
            self._store.put(changed)
        return changed

    def delete(self, arn: str, children: Sequence[str] = ()) -> Record | None:
        """Forget a resource and its tags; returns it, or None when there is none.

        Args:
            arn: the resource.
            children: kinds that must not live in it any more.

        Raises:
            InUse: others live in it.
        """
        with self._transactions.transaction():
            found = self._store.get(arn)
            if found is None:
                return None
            for kind in children:
                count = self._store.count(kind, found.account, found.region, arn)
                if count:
                    raise InUse(f"Unable to delete {found.kind} {found.name}: it has {count} {kind}(s).")
            self._store.delete(arn)
            self._tags.clear(arn)
        return found

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Record]:
        """Resources of a kind."""
        return self._store.list(kind, account, region, listing)


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A document with changes put in."""
    result = dict(old)
    for name, value in new.items():
        before = result.get(name)
        both = isinstance(value, Mapping) and isinstance(before, Mapping)
        result[name] = merged(before, value) if both and before is not None else value
    return result

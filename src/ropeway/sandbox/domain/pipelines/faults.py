"""Faults on order: what no machine does by itself (no capacity, throttling), so that retry policies can be seen.

A fault says which steps it is for, by pipeline, step and type, and how many of their tries it spoils. A try that meets
one fails before anything is created, with the reason of the fault's kind. Conditions, Fail and ForEach steps create
nothing and meet none. What is left of a fault is written down in the transaction that fails the step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ropeway.pipelines.retries import FAULTS
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.domain.pipelines.tries import REASONS
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Fault", "FaultStore", "Faults"]

_SPARED = frozenset({"Condition", "Fail", "ForEach"})
_MOST = 1_000_000


@dataclass(frozen=True)
class Fault:
    """A fault on order.

    Attributes:
        kind: one of the kinds that retry policies know.
        pipeline: the pipeline's name, "" for all.
        step: the step's name, of an iteration's step with or without its number; "" for all.
        type: the step's type, "" for all.
        left: how many tries it will still spoil.
        created: epoch seconds.
    """

    id: str
    kind: str
    pipeline: str
    step: str
    type: str
    left: int
    created: float

    @property
    def reason(self) -> str:
        """What the step's FailureReason says."""
        return f"{REASONS[self.kind]} (ordered by ropeway sandbox faults)"

    def meets(self, pipeline: str, steps: Sequence[str], kind: str) -> bool:
        """Whether it is for a try of a step that goes by these names."""
        wanted = ((self.pipeline, (pipeline,)), (self.step, steps), (self.type, (kind,)))
        return all(not name or name in names for name, names in wanted)


class FaultStore(Protocol):
    """Keeps faults; takes part in the caller's transaction."""

    def put(self, fault: Fault) -> None:
        """Keep a fault, new or changed; one that is used up is forgotten."""

    def list(self) -> Sequence[Fault]:
        """All of them, oldest first."""

    def clear(self) -> int:
        """Forget all of them; how many there were."""


class Faults:
    """The faults on order.

    Args:
        store: keeps them.
        transactions: around what is written.
        sources: of time and names.
        types: the types of steps that there are.
    """

    def __init__(
        self,
        store: FaultStore,
        transactions: Transactions,
        sources: tuple[Clock, Ids],
        types: Collection[str] = STEP_TYPES.keys(),
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._clock, self._ids = sources
        self._types = frozenset(types)

    def add(self, request: Mapping[str, Any]) -> Fault:
        """Order a fault: ``kind``, ``count`` (1), and ``pipeline``, ``step``, ``type`` where it is not for all.

        Raises:
            Invalid: the request is wrong.
        """
        unknown = sorted(set(request) - {"kind", "count", "pipeline", "step", "type"})
        if unknown:
            raise Invalid(f"a fault has no {unknown[0]!r}")
        kind, count = request.get("kind"), request.get("count", 1)
        if kind not in FAULTS:
            raise Invalid(f"{kind!r} is no kind of fault; there are {', '.join(FAULTS)}")
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= _MOST:
            raise Invalid(f"count must be a whole number from 1 to {_MOST}, not {count!r}")
        pipeline, step, type_name = (_name(request, member) for member in ("pipeline", "step", "type"))
        if type_name in _SPARED:
            raise Invalid(f"{type_name} steps create nothing, so they meet no faults")
        if type_name and type_name not in self._types:
            there = sorted(self._types - _SPARED)
            raise Invalid(f"{type_name!r} is no type of step; there are {', '.join(there)}")
        now = self._clock.now()
        fault = Fault(self._ids.token(8), str(kind), pipeline, step, type_name, count, now)
        with self._transactions.transaction():
            self._store.put(fault)
        return fault

    def list(self) -> Sequence[Fault]:
        """What is on order, oldest first."""
        return self._store.list()

    def clear(self) -> int:
        """Take all orders back; how many there were."""
        with self._transactions.transaction():
            return self._store.clear()

    def take(self, pipeline: str, steps: Sequence[str], kind: str) -> Fault | None:
        """The oldest fault that a try meets, used once; within the caller's transaction."""
        if kind in _SPARED:
            return None
        for fault in self._store.list():
            if fault.meets(pipeline, steps, kind):
                self._store.put(replace(fault, left=fault.left - 1))
                return fault
        return None


def _name(request: Mapping[str, Any], member: str) -> str:
    value = request.get(member) or ""
    if not isinstance(value, str):
        raise Invalid(f"{member} must be a name, not {value!r}")
    return value

"""The engine of state machines: news come in, one transaction writes what they change, then tasks start and stop.

A lock per execution makes its news take turns. Running executions stay in memory from their first news to their end.
Promises after a crash: history, frames and status are written together, before anything is done about them. A task that
waits for a job, an answer or a moment goes on. Of a task whose call was under way nobody knows whether it was made: a
job that is there under its name is waited for, every other such task fails with an error that its Retry may name.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ropeway.sandbox.domain.changes import Changes
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import Alarms, Transactions
from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.distributed import MAP
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.model import ENDED, Event, Execution, Frame, resting
from ropeway.sandbox.domain.statemachines.ports import ExecutionStore, Maps, Task, Tasks
from ropeway.sandbox.domain.statemachines.resources import Resource, parse
from ropeway.sandbox.domain.statemachines.sheet import Sheet, Start
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["TOKEN", "Engine", "Offer"]

T = TypeVar("T")
TOKEN = 64
"""Characters of a task's token."""
_LOCKS = 64
_EXPRESS_SECONDS = 300


@dataclass(frozen=True)
class Offer:
    """An activity's task that waits for a worker."""

    token: str
    input: str


@dataclass
class _Held:
    execution: Execution
    frames: dict[int, Frame]


class Engine:
    """Runs executions; implements ``ports.Reports``.

    Args:
        world: transactions, the time, names, and what rings at a moment.

    Attributes:
        changes: tells of new statuses.
    """

    def __init__(
        self, store: ExecutionStore, tasks: Tasks, world: tuple[Transactions, Clock, Ids, Alarms]
    ) -> None:
        self._store = store
        self.tasks = tasks
        self._maps: Maps | None = None
        self._transactions, self._clock, self._ids, self._alarms = world
        self._locks = [threading.RLock() for _ in range(_LOCKS)]
        self._held: dict[str, _Held] = {}
        self._offers = Offers()
        self.changes: Changes[Execution] = Changes()
        self._readers: list[Callable[[Execution, Sequence[Event]], None]] = []

    def read(self, reader: Callable[[Execution, Sequence[Event]], None]) -> None:
        """Have a function called with what an execution's history got, in its order, after the commit."""
        self._readers.append(reader)

    def map_with(self, maps: Maps) -> None:
        """Say who carries out distributed Map states."""
        self._maps = maps

    @property
    def maps(self) -> Maps:
        """Who carries out distributed Map states."""
        assert self._maps is not None
        return self._maps

    def start(self, execution: Execution) -> None:
        """Start a new execution."""
        with self._lock(execution.arn):
            self._held[execution.arn] = _Held(execution, {})
        self.change(execution.arn, walk.begin, begun=True)

    def change(self, arn: str, news: Callable[[Sheet], T], *, begun: bool = False) -> T:
        """Let news change an execution, write that, and do what it asks for."""
        with self._lock(arn):
            held = self._of(arn)
            sheet = Sheet(held.execution, held.frames, self._clock.now(), lambda: self._ids.token(TOKEN))
            result = news(sheet)
            told = begun or sheet.execution.status != held.execution.status
            with self._transactions.transaction():
                self._store.put(sheet.execution)
                changed = [sheet.frames[number] for number in sorted(sheet.changed)]
                self._store.put_frames(arn, changed, sorted(sheet.removed))
                self._store.add_events(arn, sheet.events)
                lasting = [resting(frame, **_kept(frame)) for frame in sheet.stops if _lasts(frame)]
                if lasting:
                    self._store.stops.put(arn, lasting)
                if told:
                    self._tell(sheet.execution)
            for reader in self._readers if sheet.events else ():
                reader(sheet.execution, sheet.events)
            if sheet.execution.status in ENDED:
                self._held.pop(arn, None)
            else:
                self._held[arn] = _Held(sheet.execution, sheet.frames)
        self._act(sheet, told=told)
        if sheet.ready and sheet.execution.status not in ENDED:
            self._alarms.at(self._clock.now(), lambda: self._go_on(arn))
        return result

    def _go_on(self, arn: str) -> None:
        execution = self._store.get(arn)
        if execution is not None and execution.status not in ENDED:
            self.change(arn, walk.go_on)

    def answer(self, token: str, news: Callable[[Sheet, int], T], error: DomainError) -> T:
        """Let an answer with a token change the execution that waits for it.

        Raises:
            DomainError: ``error``: nobody waits.
        """
        found = self._store.find(token)
        if found is None:
            raise error
        arn, number = found
        return self.change(arn, lambda sheet: news(sheet, number))

    def take(self, activity: str, worker: str | None, patience: float) -> Offer | None:
        """The next task of an activity for a worker, or None when there is none within so many seconds."""
        while (waiting := self._offers.next(activity, patience)) is not None:
            task, offer = waiting
            if self._store.get(task.execution_arn) is None:
                continue  # deleted with its machine
            if self.change(
                task.execution_arn,
                lambda sheet, task=task: walk.taken(sheet, task.number, task.token, worker),  # type: ignore[misc]
            ):
                return offer
        return None

    def settle(self, task: Task, result: Any) -> None:
        """A task succeeded."""
        self.change(task.execution_arn, lambda sheet: walk.settle(sheet, task.number, task.token, result))

    def fail(self, task: Task, error: StateError) -> None:
        """A task failed."""
        if not self.change(
            task.execution_arn, lambda sheet: walk.fail(sheet, task.number, task.token, error)
        ):
            self._store.stops.drop(task.execution_arn, task.token)

    def submitted(self, task: Task, resource: str, output: Mapping[str, Any]) -> bool:
        """A task's call is answered; whether the task still waits."""
        awaited = self.change(
            task.execution_arn,
            lambda sheet: walk.submitted(sheet, task.number, task.token, resource, output),
        )
        if not awaited:
            self._store.stops.drop(task.execution_arn, task.token)
        return awaited

    def recover(self) -> None:
        """After a restart: take up every execution that has not ended, and stop what nobody waits for."""
        for arn, frame in self._store.stops.all():
            execution = self._store.get(arn)
            if execution is None:
                self._store.stops.drop(arn, frame.token)
            else:
                self._cancel(execution, frame, lost=not frame.resource)
        for arn in self._store.unfinished():
            with self._lock(arn):
                held = self._of(arn)
                sheet = Sheet(held.execution, held.frames, self._clock.now(), lambda: "")
            if not held.frames:  # kept, but the server died before it began
                self.change(arn, walk.begin, begun=True)
                continue
            self._watch(held.execution)
            for frame in held.frames.values():
                self._ring(arn, frame)
                if frame.phase == "task":
                    self._resume(sheet, frame)
            if any(frame.phase in {"ready", "again", "inside"} for frame in held.frames.values()):
                self._go_on(arn)

    def _resume(self, sheet: Sheet, frame: Frame) -> None:
        if frame.called == MAP:
            start = Start(frame.number, frame.token, MAP, frame.given, frame.role)
            self.maps.resume(_task(sheet.execution, start), frame.resource)
            return
        resource = _read(sheet.state(frame)["Resource"])
        start = Start(frame.number, frame.token, resource.arn, frame.given, frame.role)
        task = _task(sheet.execution, start)
        if resource.kind != "activity":
            self.tasks.resume(task, frame.resource, self)
        elif not frame.resource:
            self._offers.put(task)

    def _act(self, sheet: Sheet, *, told: bool) -> None:
        arn = sheet.execution.arn
        for frame in sheet.stops:
            self._cancel(sheet.execution, frame)
        if sheet.execution.status in ENDED:
            if told:
                self.changes.ended(sheet.execution)
            return
        if told:
            self._watch(sheet.execution)
        for number in sorted(sheet.changed):
            self._ring(arn, sheet.frames[number])
        for start in sheet.starts:
            waiting = sheet.frames.get(start.number)
            if waiting is None or waiting.token != start.token:
                continue  # a branch beside it failed in the same breath
            task = _task(sheet.execution, start)
            if task.resource.kind == "activity":
                self._offers.put(task)
            elif task.resource.kind == "map":
                self.maps.start(task)
            else:
                self.tasks.start(task, self)

    def _cancel(self, execution: Execution, frame: Frame, *, lost: bool = False) -> None:
        def done() -> None:
            self._store.stops.drop(execution.arn, frame.token)

        if frame.called == MAP:
            self.maps.cancel(frame.resource, done)
            return
        start = Start(frame.number, frame.token, frame.called, frame.given, frame.role)
        task = _task(execution, start)
        if lost:
            self.tasks.abandon(task, done)
        else:
            self.tasks.cancel(task, frame.resource, done)

    def _tell(self, execution: Execution) -> None:
        self.changes.changed(execution)
        if execution.status in ENDED:
            self.changes.ending(execution)

    def _ring(self, arn: str, frame: Frame) -> None:
        moments = [moment for moment in (frame.due, frame.beat) if moment is not None]
        if moments:
            number = frame.number
            self._alarms.at(min(moments), lambda: self._rung(arn, number))

    def _rung(self, arn: str, number: int) -> None:
        execution = self._store.get(arn)
        if execution is not None and execution.status not in ENDED:
            self.change(arn, lambda sheet: walk.ring(sheet, number))

    def _watch(self, execution: Execution) -> None:
        """Set the alarm of a machine's TimeoutSeconds; an express one has five minutes."""
        limits = [json.loads(execution.definition).get("TimeoutSeconds")]
        limits += [_EXPRESS_SECONDS] if execution.type == "EXPRESS" else []
        seconds = min((limit for limit in limits if limit is not None), default=None)
        if seconds is None:
            return
        due = (execution.redriven or execution.started) + seconds

        def expire() -> None:
            now = self._store.get(execution.arn)
            if now is not None and now.status not in ENDED and now.redrives == execution.redrives:
                self.change(execution.arn, walk.expire)

        self._alarms.at(due, expire)

    def _of(self, arn: str) -> _Held:
        held = self._held.get(arn)
        if held is None:
            execution = self._store.get(arn)
            if execution is None:
                raise LookupError(arn)
            held = _Held(execution, {frame.number: frame for frame in self._store.frames(arn)})
        return held

    def _lock(self, arn: str) -> threading.RLock:
        return self._locks[hash(arn) % _LOCKS]


class Offers:
    """Tasks of activities that wait for workers, by activity, oldest first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[Task]] = {}

    def put(self, task: Task) -> None:
        """Have a task wait for a worker."""
        with self._changed:
            self._waiting.setdefault(task.resource.arn, deque()).append(task)
            self._changed.notify_all()

    def next(self, activity: str, patience: float) -> tuple[Task, Offer] | None:
        """The oldest task of an activity, waited for."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting.get(activity), patience):
                return None
            task = self._waiting[activity].popleft()
        return task, Offer(task.token, json.dumps(task.arguments))


def _lasts(frame: Frame) -> bool:
    """Whether what a task waits for, or its call may start, goes on without it."""
    if frame.called == MAP:
        return bool(frame.resource)
    return _read(frame.called).pattern in {"sync", "sync2"}


def _kept(frame: Frame) -> dict[str, Any]:
    """What a stop needs of a frame."""
    members = {name: getattr(frame, name) for name in ("token", "called", "role", "resource")}
    return {**members, "data": None, "variables": {}, "given": None if frame.resource else frame.given}


def _task(execution: Execution, start: Start) -> Task:
    return Task(
        execution.arn,
        start.number,
        start.token,
        _read(start.resource),
        start.arguments,
        start.role_arn,
        execution.account,
        execution.region,
    )


def _read(text: str) -> Resource:
    if text == MAP:
        return Resource(MAP, "map")
    resource = parse(text)
    if resource is None:
        raise LookupError(text)
    return resource

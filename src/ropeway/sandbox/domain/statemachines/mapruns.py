"""Map Runs: the child executions of distributed Map states, so many at once, until too many fail or all have ended.

A run is kept with its children's inputs before the first starts; a child is an execution like any other, which knows
its run and its place. After a restart children go on by themselves, and the run goes on with those that had not begun.
Outputs are told in the order of the items, of those that succeeded; ResultWriter puts them into S3 instead.
Left out: inventories and Parquet files as items, formats of ResultWriter other than JSON as it is. A redriven
execution makes a new run.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.engine import Engine
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.mapitems import read_items
from ropeway.sandbox.domain.statemachines.mapresults import write
from ropeway.sandbox.domain.statemachines.model import (
    ABORTED,
    ENDED,
    FAILED,
    RUNNING,
    SUCCEEDED,
    Execution,
    MapRun,
)
from ropeway.sandbox.domain.statemachines.ports import ExecutionStore, MapRunStore, Task
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["MapRuns"]

_AT_ONCE = 40
_PAGE = 1000
_EXCEEDED = "States.ExceedToleratedFailureThreshold"


@dataclass
class _Live:
    run: MapRun
    inputs: list[list[Any]]
    task: Task
    lock: threading.RLock = field(default_factory=threading.RLock)
    next: int = 0
    running: set[str] = field(default_factory=set)
    ended: dict[int, tuple[str, str]] = field(default_factory=dict)
    failed: int = 0
    total: int = 0

    def __post_init__(self) -> None:
        self.total = sum(count for _, count in self.inputs)

    def note(self, child: Execution) -> None:
        """A child has ended."""
        self.running.discard(child.arn)
        if child.map_index not in self.ended and child.status != SUCCEEDED:
            self.failed += self.inputs[child.map_index][1]
        self.ended[child.map_index] = (child.arn, child.status)


class MapRuns:
    """Carries out distributed Map states; implements ``ports.Maps``.

    Args:
        stores: of runs, and of executions.
        submit: has a function called in another thread.
    """

    def __init__(
        self,
        stores: tuple[MapRunStore, ExecutionStore],
        engine: Engine,
        objects: ObjectStore,
        world: tuple[Clock, Ids],
        submit: Callable[[Callable[[], None]], None],
    ) -> None:
        self._store, self._executions = stores
        self._engine = engine
        self._objects = objects
        self._clock, self._ids = world
        self._submit = submit
        self._lock = threading.Lock()
        self._live: dict[str, _Live] = {}

    def start(self, task: Task) -> None:
        """Read a state's items and run them; returns at once."""
        self._submit(lambda: self._begin(task))

    def resume(self, task: Task, resource: str) -> None:
        """After a restart: go on with a run, or begin it when its items had not been read."""
        if resource:
            self._submit(lambda: self._take_up(task, resource))
        else:
            self.start(task)

    def cancel(self, resource: str, done: Callable[[], None]) -> None:
        """Nobody waits for a run any more: its children are stopped."""
        if resource:
            self._submit(lambda: self._abort(resource, done))

    def _abort(self, resource: str, done: Callable[[], None]) -> None:
        live, run = self._live_of(resource), self._store.get(resource)
        if live is not None:
            self._end(live, ABORTED)
        elif run is not None:  # after a restart nobody has taken it up
            self._store.put(replace(run, status=ABORTED, stopped=self._clock.now()))
            self._stop([each.arn for each in self._children(resource)])
        done()

    def ended(self, execution: Execution) -> None:
        """A child has ended, maybe: the next one's turn."""
        live = self._live_of(execution.map_run)
        if live is None:
            return
        with live.lock:
            live.note(execution)
        self._submit(lambda: self._pump(live))

    def get(self, arn: str) -> MapRun:
        """A run.

        Raises:
            DomainError: there is none.
        """
        found = self._store.get(arn)
        if found is None:
            raise refused("ResourceNotFound", f"Resource not found: '{arn}'")
        return found

    def of(self, execution_arn: str) -> list[MapRun]:
        """The runs of an execution, newest first."""
        return self._store.of(execution_arn)

    def counts(self, run: MapRun) -> tuple[dict[str, int], dict[str, int]]:
        """How many items, and how many children, are in which state."""
        inputs = self._store.inputs(run.arn)
        items, children = dict.fromkeys(_COUNTED, 0), dict.fromkeys(_COUNTED, 0)
        begun = set()
        for child in self._children(run.arn):
            begun.add(child.map_index)
            name = _NAMES[child.status]
            children[name] += 1
            items[name] += inputs[child.map_index][1]
        for index, (_, count) in enumerate(inputs):
            if index not in begun:
                children["pending"] += 1
                items["pending"] += count
        for told in (items, children):
            told["total"] = sum(told.values())
        return items, children

    def children(self, arn: str, listing: Listing) -> Page[Execution]:
        """A run's child executions.

        Raises:
            DomainError: there is no such run.
        """
        return self._executions.list(self.get(arn).arn, listing)

    def update(self, arn: str, changes: Mapping[str, float]) -> None:
        """Change concurrency and tolerated failures of a run.

        Raises:
            DomainError: there is no such run.
        """
        run = self.get(arn)
        live = self._live_of(arn)
        changed = replace(run, settings={**run.settings, **changes})
        self._store.put(changed)
        if live is not None:
            with live.lock:
                live.run = changed
            self._submit(lambda: self._pump(live))

    def _live_of(self, arn: str) -> _Live | None:
        with self._lock:
            return self._live.get(arn)

    def _begin(self, task: Task) -> None:
        given = task.arguments
        try:
            items = given["items"] if given["reader"] is None else self._read(task, given["reader"])
            found = self._engine.change(
                task.execution_arn, lambda sheet: walk.expanded(sheet, task.number, task.token, items)
            )
        except StateError as error:
            self._engine.fail(task, error)
            return
        parent = self._executions.get(task.execution_arn)
        if found is None or parent is None:
            return  # somebody has stopped the execution meanwhile
        run = self._made(task, parent, found.processor, found.label)
        pairs = [[value, count] for value, count in found.inputs]
        self._store.put(run, pairs)
        live = _Live(run, pairs, task)
        with self._lock:
            self._live[run.arn] = live
        if self._engine.submitted(task, run.arn, {"mapRunArn": run.arn}):
            self._pump(live)
        else:
            self._end(live, ABORTED)

    def _read(self, task: Task, reader: Mapping[str, Any]) -> list[Any]:
        return read_items(self._objects, task.role_arn, reader)

    def _made(self, task: Task, parent: Execution, processor: Mapping[str, Any], label: str) -> MapRun:
        given = task.arguments
        number = str(uuid.uuid5(uuid.NAMESPACE_URL, task.token))  # begun twice, it is the same run
        name = label or number
        kept = {member: value for member, value in processor.items() if member != "ProcessorConfig"}
        machine = parent.machine_arn.rpartition(":")[2]
        return MapRun(
            arn=f"arn:aws:states:{task.region}:{task.account}:mapRun:{machine}/{name}:{number}",
            execution_arn=parent.arn,
            machine_arn=f"{parent.machine_arn}/{name}",
            definition=json.dumps(kept),
            role_arn=parent.role_arn,
            type=processor["ProcessorConfig"].get("ExecutionType", "STANDARD"),
            started=self._clock.now(),
            settings={member: given[member] for member in ("most", "count", "percentage")},
            writer=given["writer"],
        )

    def _take_up(self, task: Task, arn: str) -> None:
        # The state still waits: an end that was written and not told any more is reached again.
        run = replace(self.get(arn), status=RUNNING, stopped=None)
        live = _Live(run, self._store.inputs(arn), task)
        with live.lock:
            with self._lock:
                self._live[arn] = live
            for child in self._children(arn):
                live.next = max(live.next, child.map_index + 1)
                if child.status in ENDED:
                    live.note(child)
                else:
                    live.running.add(child.arn)
        self._pump(live)

    def _children(self, arn: str) -> list[Execution]:
        found: list[Execution] = []
        listing = Listing(limit=_PAGE)
        while True:
            page = self._executions.list(arn, listing)
            found += page.items
            if page.next is None:
                return found
            listing = replace(listing, after=page.next)

    def _pump(self, live: _Live) -> None:
        with live.lock:
            if live.run.status in ENDED:
                return
            most = min(int(live.run.settings["most"]) or _AT_ONCE, _AT_ONCE)
            while live.next < len(live.inputs) and len(live.running) < most and not self._exceeded(live):
                self._start_child(live)  # which may have ended when this returns
            if self._exceeded(live):
                self._end(live, FAILED)
                cause = "The specified tolerated failure threshold was exceeded"
                self._engine.fail(live.task, StateError(_EXCEEDED, cause))
            elif len(live.ended) == len(live.inputs):
                self._finish(live)

    def _exceeded(self, live: _Live) -> bool:
        count, percentage = live.run.settings["count"], live.run.settings["percentage"]
        if count is None and percentage is None:
            return live.failed > 0
        return (count is not None and live.failed > count) or (
            percentage is not None and live.failed * 100 > percentage * live.total
        )

    def _start_child(self, live: _Live) -> None:
        run, index = live.run, live.next
        live.next += 1
        name = self._ids.uuid()
        child = Execution(
            arn=f"{run.machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}",
            machine_arn=run.machine_arn,
            called="",
            name=name,
            type=run.type,
            definition=run.definition,
            role_arn=run.role_arn,
            revision="",
            input=json.dumps(live.inputs[index][0], separators=(",", ":"), ensure_ascii=False),
            started=self._clock.now(),
            map_run=run.arn,
            map_index=index,
        )
        live.running.add(child.arn)
        self._engine.start(child)

    def _finish(self, live: _Live) -> None:
        children = [self._executions.get(live.ended[index][0]) for index in sorted(live.ended)]
        found = [child for child in children if child is not None]
        if live.run.writer is None:
            result: Any = [json.loads(child.output or "null") for child in found if child.status == SUCCEEDED]
        else:
            try:
                result = write(self._objects, live.run, found)
            except DomainError as error:
                self._end(live, FAILED)
                self._engine.fail(live.task, StateError("States.ResultWriterFailed", error.message))
                return
        self._end(live, SUCCEEDED)
        self._engine.settle(live.task, result)

    def _end(self, live: _Live, status: str) -> None:
        with live.lock:
            if live.run.status in ENDED:
                return
            live.run = replace(live.run, status=status, stopped=self._clock.now())
            self._store.put(live.run)
            running = sorted(live.running)
        with self._lock:
            self._live.pop(live.run.arn, None)
        self._stop(running)

    def _stop(self, children: Sequence[str]) -> None:
        for arn in children:
            child = self._executions.get(arn)
            if child is not None and child.status == RUNNING:
                self._engine.change(arn, lambda sheet: walk.stop(sheet, None, None))


_NAMES = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
}
_COUNTED = ("pending", *_NAMES.values())

"""An execution on the table: its frames and what has come of the latest news.

Nothing here waits, calls or writes: the engine makes a sheet of what the store has, lets ``walk`` work on it, and
takes from it the frames that changed, the new events of the history, tasks to start and tasks to stop.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.statemachines.by_jsonata import JsonAta
from ropeway.sandbox.domain.statemachines.by_jsonpath import JsonPath
from ropeway.sandbox.domain.statemachines.language import Language, State
from ropeway.sandbox.domain.statemachines.model import Event, Execution, Frame, resting
from ropeway.sandbox.domain.statemachines.paths import Scope

__all__ = ["Sheet", "Start", "dump"]

_LANGUAGES: Mapping[str, Language] = {"JSONPath": JsonPath(), "JSONata": JsonAta()}


def dump(value: Any) -> str:
    """JSON as executions keep it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Start:
    """A task to start.

    Attributes:
        resource: the task's Resource, as written.
        arguments: what it is called with.
        role_arn: whose rights it has.
    """

    number: int
    token: str
    resource: str
    arguments: Any
    role_arn: str


class Sheet:
    """What an execution is made of now.

    Attributes:
        execution: as it is now.
        frames: every frame that there is, by number.
        now: epoch seconds.
        token: makes task tokens.
        ready: numbers of the frames that can move.
        changed, removed: numbers of the frames that the store has to write or drop.
        events: new lines of the history.
        starts: tasks to start.
        stops: frames whose tasks nobody waits for any more.
    """

    def __init__(
        self, execution: Execution, frames: Mapping[int, Frame], now: float, token: Callable[[], str]
    ) -> None:
        self.execution = execution
        self.frames = dict(frames)
        self.now = now
        self.token = token
        self.ready: deque[int] = deque()
        self.changed: set[int] = set()
        self.removed: set[int] = set()
        self.events: list[Event] = []
        self.starts: list[Start] = []
        self.stops: list[Frame] = []
        self._document = json.loads(execution.definition)
        self._open: dict[int, int] = {}

    def container(self, place: Sequence[str | int]) -> Mapping[str, Any]:
        """Where states stand: the machine, a branch or a Map state's processor."""
        found = self._document
        for part in place:
            found = found[part]
        container: Mapping[str, Any] = found
        return container

    def state(self, frame: Frame) -> State:
        """The state that a frame is in."""
        found: State = self.container(frame.place)["States"][frame.state]
        return found

    def language(self, frame: Frame) -> Language:
        """The query language of a frame's state."""
        default = self._document.get("QueryLanguage", "JSONPath")
        return _LANGUAGES[self.state(frame).get("QueryLanguage", default)]

    def scope(self, frame: Frame, *, token: str | None = None) -> Scope:
        """What a frame's state sees; ``token`` goes into the context object."""
        variables: dict[str, Any] = {}
        for each in reversed(list(self._upwards(frame))):
            variables.update(each.variables)
        return Scope(frame.data, self._context(frame, token), variables)

    def put(self, frame: Frame, *, ready: bool = False) -> Frame:
        """Keep a frame, new or changed; a ready one moves on next."""
        before = self.frames.get(frame.number)
        if (
            before is not None
            and frame.parent is not None
            and (before.phase == "done") != (frame.phase == "done")
        ):
            self._open.pop(frame.parent, None)
        self.frames[frame.number] = frame
        self.changed.add(frame.number)
        if ready:
            self.ready.append(frame.number)
        return frame

    def spawn(self, parent: Frame | None, place: tuple[str | int, ...], **members: Any) -> None:
        """Add a frame at the first state of a place; ``members`` are further ones of the frame's."""
        number = self.execution.frames
        self.execution = replace(self.execution, frames=number + 1)
        owner = None if parent is None else parent.number
        if owner is not None:
            self._open.pop(owner, None)
        self.put(
            Frame(
                number=number, parent=owner, place=place, state=self.container(place)["StartAt"], **members
            ),
            ready=True,
        )

    def remove(self, frame: Frame) -> None:
        """Drop a frame with all that run inside it; their tasks are stopped."""
        self.clear(frame)
        if frame.phase == "task":
            self.stops.append(frame)
        self.frames.pop(frame.number, None)
        if frame.parent is not None:
            self._open.pop(frame.parent, None)
        self.changed.discard(frame.number)
        self.removed.add(frame.number)

    def clear(self, frame: Frame) -> None:
        """Drop what runs inside a frame."""
        for child in self.children(frame):
            self.remove(child)

    def halt(self, frame: Frame) -> None:
        """Stop what a frame waits for; it stays, to go on from its state when the execution is redriven."""
        for child in self.children(frame):
            self.halt(child)
        if frame.phase == "task":
            self.stops.append(frame)
        if frame.phase not in {"done", "inside", "halted"}:
            self.put(resting(frame, phase="halted"))

    def children(self, frame: Frame) -> list[Frame]:
        """A frame's branches or items by index."""
        if frame.phase != "inside":
            return []
        found = [each for each in self.frames.values() if each.parent == frame.number]
        return sorted(found, key=lambda each: each.index)

    def open(self, frame: Frame) -> int:
        """How many branches or items of a frame have not ended."""
        if frame.number not in self._open:
            self._open[frame.number] = sum(
                each.parent == frame.number and each.phase != "done" for each in self.frames.values()
            )
        return self._open[frame.number]

    def tell(
        self, previous: int, kind: str, member: str = "", details: Mapping[str, Any] | None = None
    ) -> int:
        """Add a line to the history; returns its number.

        The details go into the API's ``member`` without their None values; data in them is told to be whole.
        """
        number = self.execution.events + 1
        self.execution = replace(self.execution, events=number)
        told = {name: value for name, value in (details or {}).items() if value is not None}
        for name in ("input", "output", "assignedVariables"):
            if name in told:
                told[f"{name}Details"] = {"truncated": False}
        self.events.append(Event(number, previous, self.now, kind, {member: told} if member else {}))
        return number

    def _context(self, frame: Frame, token: str | None) -> dict[str, Any]:
        execution = self.execution
        run: dict[str, Any] = {
            "Id": execution.arn,
            "Input": json.loads(execution.input),
            "Name": execution.name,
            "RoleArn": execution.role_arn,
            "StartTime": _stamp(execution.started),
            "RedriveCount": execution.redrives,
        }
        if execution.redriven is not None:
            run["RedriveTime"] = _stamp(execution.redriven)
        name = execution.machine_arn.rpartition(":")[2]
        context: dict[str, Any] = {
            "Execution": run,
            "State": {
                "EnteredTime": _stamp(frame.entered),
                "Name": frame.state,
                "RetryCount": sum(frame.tries),
            },
            "StateMachine": {"Id": execution.machine_arn, "Name": name},
        }
        if token is not None:
            context["Task"] = {"Token": token}
        item = next((each.item for each in self._upwards(frame) if each.item is not None), None)
        if item is not None:
            context["Map"] = {"Item": item}
        return context

    def _upwards(self, frame: Frame) -> Iterator[Frame]:
        yield frame
        while frame.parent is not None:
            frame = self.frames[frame.parent]
            yield frame


def _stamp(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

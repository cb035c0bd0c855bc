"""What state machines need of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.model import (
    Activity,
    Alias,
    Event,
    Execution,
    Frame,
    Machine,
    MapRun,
)
from ropeway.sandbox.domain.statemachines.resources import Resource

__all__ = [
    "ActivityStore",
    "Api",
    "ExecutionStore",
    "MachineStore",
    "MapRunStore",
    "Maps",
    "Reports",
    "StopStore",
    "Task",
    "Tasks",
]


class MachineStore(Protocol):
    """Keeps machines, versions and aliases; takes part in the caller's transaction."""

    def put(self, machine: Machine) -> None:
        """Keep a machine, new or changed."""

    def get(self, arn: str) -> Machine | None:
        """A machine by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget a machine with its versions and aliases."""

    def list(self, account: str, region: str, listing: Listing) -> Page[Machine]:
        """Machines of one account and region."""

    def put_version(self, version: Machine) -> None:
        """Keep a published version."""

    def versions(self, arn: str) -> Sequence[Machine]:
        """A machine's published versions, newest first."""

    def last_version(self, arn: str) -> int:
        """The number of the newest version that a machine has ever had; 0 without one."""

    def drop_version(self, arn: str, version: int) -> None:
        """Forget a version."""

    def put_alias(self, alias: Alias) -> None:
        """Keep an alias, new or changed."""

    def aliases(self, machine_arn: str) -> Sequence[Alias]:
        """A machine's aliases by name."""

    def drop_alias(self, arn: str) -> None:
        """Forget an alias."""


class ActivityStore(Protocol):
    """Keeps activities; takes part in the caller's transaction."""

    def put(self, activity: Activity) -> None:
        """Keep an activity."""

    def list(self, account: str, region: str) -> Sequence[Activity]:
        """Activities of one account and region by name."""

    def drop(self, arn: str) -> None:
        """Forget an activity."""


class StopStore(Protocol):
    """What executions that were stopped had started, until it is stopped, too."""

    def put(self, arn: str, frames: Sequence[Frame]) -> None:
        """Keep what tasks of an execution have started and is to be stopped."""

    def all(self) -> Sequence[tuple[str, Frame]]:
        """What has not been stopped yet, with the execution that waited for it."""

    def drop(self, arn: str, token: str) -> None:
        """Something is stopped."""


class ExecutionStore(Protocol):
    """Keeps executions with their frames and history; takes part in the caller's transaction."""

    @property
    def stops(self) -> StopStore:
        """What is still to be stopped."""

    def put(self, execution: Execution) -> None:
        """Keep an execution, new or changed."""

    def get(self, arn: str) -> Execution | None:
        """An execution by its ARN."""

    def list(self, machine_arn: str, listing: Listing) -> Page[Execution]:
        """A machine's executions."""

    def unfinished(self) -> Sequence[str]:
        """ARNs of the executions that run."""

    def put_frames(self, arn: str, frames: Sequence[Frame], removed: Sequence[int]) -> None:
        """Write frames, new or changed, and drop others."""

    def frames(self, arn: str) -> Sequence[Frame]:
        """An execution's frames."""

    def find(self, token: str) -> tuple[str, int] | None:
        """The execution and the frame that wait for an answer with a token."""

    def add_events(self, arn: str, events: Sequence[Event]) -> None:
        """Append to an execution's history."""

    def events(self, arn: str, *, after: int, limit: int, newest_first: bool) -> Sequence[Event]:
        """A part of an execution's history, from behind the event ``after`` (0 for the first part)."""

    def forget(self, machine_arn: str) -> None:
        """Drop a machine's executions that have ended, with all that belongs to them."""


class MapRunStore(Protocol):
    """Keeps Map Runs."""

    def put(self, run: MapRun, inputs: list[list[Any]] | None = None) -> None:
        """Keep a run, new (with its inputs and the number of items of each) or changed."""

    def get(self, arn: str) -> MapRun | None:
        """A run."""

    def inputs(self, arn: str) -> list[list[Any]]:
        """A run's inputs."""

    def of(self, execution_arn: str) -> list[MapRun]:
        """The runs of an execution, newest first."""


@dataclass(frozen=True)
class Task:
    """One try of a Task state, for whoever carries it out.

    Attributes:
        token: names the try.
        account, region: of the machine.
        role_arn: whose rights it has.
    """

    execution_arn: str
    number: int
    token: str
    resource: Resource
    arguments: Any
    role_arn: str
    account: str
    region: str


class Reports(Protocol):
    """Takes what has become of tasks. What comes too late changes nothing."""

    def settle(self, task: Task, result: Any) -> None:
        """It succeeded."""

    def fail(self, task: Task, error: StateError) -> None:
        """It failed."""

    def submitted(self, task: Task, resource: str, output: Mapping[str, Any]) -> bool:
        """Its call is answered: ``resource`` (an ARN) was started, or ("token") somebody was asked.

        Whether the task still waits; if not, what was started is to be stopped.
        """


class Tasks(Protocol):
    """Carries out tasks in the background."""

    def start(self, task: Task, reports: Reports) -> None:
        """Begin; returns at once."""

    def resume(self, task: Task, resource: str, reports: Reports) -> None:
        """After a restart: go on with a task; ``resource`` is "" when its call had not been answered."""

    def cancel(self, task: Task, resource: str, done: Callable[[], None]) -> None:
        """Nobody waits any more: stop what a ``.sync`` task has started, then call ``done``."""

    def abandon(self, task: Task, done: Callable[[], None]) -> None:
        """After a restart: stop what a lost call may have started and nobody waits for, then call ``done``."""


class Maps(Protocol):
    """Carries out distributed Map states in the background."""

    def start(self, task: Task) -> None:
        """Read a state's items and run them; returns at once."""

    def resume(self, task: Task, resource: str) -> None:
        """After a restart: go on; ``resource`` is the Map Run's ARN, or "" when it had not begun."""

    def cancel(self, resource: str, done: Callable[[], None]) -> None:
        """Nobody waits for a Map Run any more: stop its children, then call ``done``."""


class Api(Protocol):
    """Calls of services, with parameters and answers as Step Functions writes them."""

    def call(self, task: Task, operation: str, params: Any) -> dict[str, Any]:
        """One call of the task's service in the task's role.

        Raises:
            StateError: there is no such call, the parameters are not its, or the service answered with an error.
        """

"""State machines, executions and their frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ropeway.values.arn import Arn

__all__ = [
    "ABORTED",
    "ENDED",
    "FAILED",
    "RUNNING",
    "SUCCEEDED",
    "TIMED_OUT",
    "Activity",
    "Alias",
    "Event",
    "Execution",
    "Frame",
    "Machine",
    "MapRun",
    "resting",
]

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
ENDED = frozenset({SUCCEEDED, FAILED, TIMED_OUT, ABORTED})


@dataclass(frozen=True)
class Machine:
    """A state machine as it is now, or one of its versions.

    Attributes:
        arn: the machine's, without a version.
        type: STANDARD or EXPRESS.
        settings: loggingConfiguration, tracingConfiguration, encryptionConfiguration, as sent.
        created, updated: epoch seconds.
        version: of a published version, else None.
        description: of a published version.
    """

    arn: str
    definition: str
    role_arn: str
    type: str
    settings: Mapping[str, Any]
    revision: str
    created: float
    updated: float
    version: int | None = None
    description: str = ""

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.arn.rpartition(":")[2]

    @property
    def account(self) -> str:
        """The account."""
        return Arn.parse(self.arn).account

    @property
    def region(self) -> str:
        """The region."""
        return Arn.parse(self.arn).region

    @property
    def version_arn(self) -> str:
        """The ARN of this version."""
        return f"{self.arn}:{self.version}"


@dataclass(frozen=True)
class Execution:
    """One run of a machine.

    Attributes:
        called: the version's or alias's ARN that it was started by; empty for the machine's.
        version: the ARN of the version that runs, named or found by an alias; empty without one.
        definition, role_arn: as they were when it started.
        input, output: JSON texts.
        started, stopped, redriven: epoch seconds.
        redrives: how often it was redriven.
        events: how many events its history has.
        frames: the number of the next frame.
        map_run, map_index: the Map Run that it is a child of, and its place there; empty for others.
    """

    arn: str
    machine_arn: str
    called: str
    name: str
    type: str
    definition: str
    role_arn: str
    revision: str
    input: str
    started: float
    status: str = RUNNING
    stopped: float | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    redrives: int = 0
    redriven: float | None = None
    events: int = 0
    frames: int = 0
    trace: str | None = None
    map_run: str = ""
    map_index: int = 0
    version: str = ""

    @property
    def alias(self) -> str:
        """The ARN of the alias that it was started by, or nothing."""
        return "" if self.called == self.version else self.called

    @property
    def account(self) -> str:
        """The account."""
        return Arn.parse(self.machine_arn).account

    @property
    def region(self) -> str:
        """The region."""
        return Arn.parse(self.machine_arn).region


@dataclass(frozen=True)
class MapRun:
    """The child executions of one distributed Map state.

    Attributes:
        execution_arn: whose state it is.
        machine_arn: the children's machine: the execution's, a slash, the state's label.
        definition: the children's.
        type: STANDARD or EXPRESS.
        settings: ``most`` children at once (0 for as many as go), tolerated ``count`` and ``percentage`` of failures.
        writer: ResultWriter's ``resource`` and ``parameters``, or None.
    """

    arn: str
    execution_arn: str
    machine_arn: str
    definition: str
    role_arn: str
    type: str
    started: float
    settings: Mapping[str, Any]
    writer: Mapping[str, Any] | None
    status: str = RUNNING
    stopped: float | None = None


@dataclass(frozen=True)
class Frame:
    """One place of an execution.

    Attributes:
        number: its number in the execution; 0 is the execution's own.
        parent: the frame of the Parallel or Map state that it belongs to.
        index: which branch or item it is.
        place: where its states stand in the definition: keys and numbers from the top.
        state: the state that it is in.
        data: the state's raw input; when done, the branch's output.
        variables: what its states have assigned.
        phase: ``ready`` (to enter), ``again`` (to try again now), ``task``, ``wait``, ``backoff``, ``inside`` (its
            branches or items run), ``done``, or ``halted`` (it had not ended when the execution did).
        entered: when the state was entered, epoch seconds.
        event: the last event of its history.
        due: when a wait, a backoff or a task's time is over.
        beat, pulse: when the next heartbeat is due, and seconds between two.
        token: names the task's try; answers without it come too late.
        called, given, role: a task's Resource, arguments and role.
        resource: what a task waits for once its call is answered: the ARN of what it started, ``token``, or ``taken``.
        tries: how often each Retry rule has been used.
        items: what a Map state goes through.
        item: the context object's ``Map`` of an item's frame.
    """

    number: int
    parent: int | None
    index: int
    place: tuple[str | int, ...]
    state: str
    data: Any
    variables: Mapping[str, Any] = field(default_factory=dict)
    phase: str = "ready"
    entered: float = 0.0
    event: int = 0
    due: float | None = None
    beat: float | None = None
    pulse: float | None = None
    token: str = ""
    called: str = ""
    given: Any = None
    role: str = ""
    resource: str = ""
    tries: Sequence[int] = ()
    items: Sequence[Any] | None = None
    item: Mapping[str, Any] | None = None


def resting(frame: Frame, **members: Any) -> Frame:
    """A frame that waits for nothing any more; ``members`` change too."""
    return replace(
        frame,
        **{
            **dict.fromkeys(("due", "beat", "pulse", "given", "items")),
            **dict.fromkeys(("token", "called", "role", "resource"), ""),
            **members,
        },
    )


@dataclass(frozen=True)
class Event:
    """One line of an execution's history; ``details`` has the API's one member."""

    number: int
    previous: int
    moment: float
    type: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Alias:
    """A name for one version of a machine, or for two with weights.

    Attributes:
        routes: ``{"stateMachineVersionArn": …, "weight": …}`` each.
    """

    machine_arn: str
    name: str
    description: str
    routes: Sequence[Mapping[str, Any]]
    created: float
    updated: float

    @property
    def arn(self) -> str:
        """The alias's ARN."""
        return f"{self.machine_arn}:{self.name}"


@dataclass(frozen=True)
class Activity:
    """Work that somebody outside asks for and answers."""

    arn: str
    created: float

    @property
    def name(self) -> str:
        """The activity's name."""
        return self.arn.rpartition(":")[2]

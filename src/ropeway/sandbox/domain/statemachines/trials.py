"""One state tried on its own: ``TestState``.

The state becomes a machine whose other states only end, and walks as in an execution; nothing is kept. Its task is
carried out for the caller, or a mock's result or error stands in for it. What waits (a Wait state, the next try) does
not.
As on AWS activities, ``.sync``, ``.waitForTaskToken``, Map and Parallel need a mock.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.check import check
from ropeway.sandbox.domain.statemachines.errors import TIMEOUT, StateError
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.model import RUNNING, SUCCEEDED, Execution, Frame
from ropeway.sandbox.domain.statemachines.moves import failed, leave
from ropeway.sandbox.domain.statemachines.ports import Task, Tasks
from ropeway.sandbox.domain.statemachines.resources import parse
from ropeway.sandbox.domain.statemachines.sheet import Sheet, dump

__all__ = ["Asked", "Outcome", "attempt"]

_NEXT = "next:"
_MOCKED = {"Map", "Parallel"}
_SECONDS = 300.0


@dataclass(frozen=True)
class Asked:
    """What is to be tried.

    Attributes:
        definition: a state's, or a machine's that has the state ``name``.
        context: the context object, or what of it is to be different.
        mock: ``result`` or ``errorOutput`` in place of the state's work.
        tries: how often it has been retried before.
    """

    definition: str
    input: str
    place: tuple[str, str]
    role_arn: str = ""
    name: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    mock: Mapping[str, Any] | None = None
    tries: int = 0


@dataclass(frozen=True)
class Outcome:
    """What has become of it; ``status`` is SUCCEEDED, FAILED, RETRIABLE or CAUGHT_ERROR."""

    status: str
    output: str | None
    error: str | None
    cause: str | None
    next_state: str | None
    data: Mapping[str, Any]


class _Bench(Sheet):
    """A sheet whose context object may be given."""

    given: Mapping[str, Any] = {}

    def _context(self, frame: Frame, token: str | None) -> dict[str, Any]:
        return {**super()._context(frame, token), **self.given}


def attempt(asked: Asked, tasks: Tasks, now: float) -> Outcome:
    """Try a state.

    Raises:
        DomainError: the state is none, or its work needs a mock.
    """
    name, machine = _machine(asked)
    state = machine["States"][name]
    if state["Type"] in _MOCKED and asked.mock is None:
        raise _needs_mock(f"a state of type {state['Type']}")
    sheet = _Bench(_execution(asked, machine, now), {}, now, lambda: "trial")
    sheet.given = asked.context
    noted: dict[str, Any] = {"input": asked.input}
    first = _first(sheet, name, asked)
    error: StateError | None = None
    try:
        raw = _worked(sheet, first, asked, tasks, noted)
    except StateError as caught:
        error = caught
        failed(sheet, sheet.frames[0], caught)
    else:
        _finish(sheet, first, raw)
        error = _failure(sheet)
    return _told(sheet, error, noted)


def _first(sheet: Sheet, name: str, asked: Asked) -> Frame:
    count = (asked.tries,) * len(sheet.container(())["States"][name].get("Retry", ()))
    data = json.loads(asked.input)
    frame = Frame(0, None, 0, (), name, data, asked.variables, phase="again", entered=sheet.now, tries=count)
    return sheet.put(frame)


def _worked(sheet: Sheet, frame: Frame, asked: Asked, tasks: Tasks, noted: dict[str, Any]) -> Any:
    """The result of the state's own work; None for a state that has none to wait for."""
    state, language, scope = sheet.state(frame), sheet.language(frame), sheet.scope(frame, token="trial")  # noqa: S106
    if state["Type"] not in {"Task", *_MOCKED}:
        return None
    arguments = language.arguments(state, scope)
    if state.get("QueryLanguage", sheet.container(()).get("QueryLanguage")) == "JSONata":
        noted["afterArguments"] = dump(arguments)
    else:
        bare = {name: state[name] for name in ("InputPath",) if name in state}
        noted["afterInputPath"] = dump(language.arguments({"Type": "Pass", **bare}, scope))
        noted["afterParameters"] = dump(arguments)
    raw = _result(frame, asked, state, arguments, tasks)
    noted["result"] = dump(raw)
    if "ResultSelector" in state:
        noted["afterResultSelector"] = dump(language.result(state, scope, raw))
    return raw


def _result(frame: Frame, asked: Asked, state: Mapping[str, Any], arguments: Any, tasks: Tasks) -> Any:
    if asked.mock is not None:
        wrong = asked.mock.get("errorOutput")
        if wrong is not None:
            raise StateError(wrong.get("error"), wrong.get("cause"))
        return json.loads(asked.mock.get("result", "{}"))
    resource = parse(state["Resource"])
    if resource is None or resource.kind == "activity" or resource.waits:
        raise _needs_mock(f"the resource {state['Resource']}")
    if not asked.role_arn:
        raise refused("InvalidArn", "A roleArn is required to test this state")
    account, region = asked.place
    arn = f"arn:aws:states:{region}:{account}:execution:TestState:trial"
    once = _Once()
    tasks.start(Task(arn, frame.number, "trial", resource, arguments, asked.role_arn, account, region), once)
    return once.wait(_SECONDS)


def _finish(sheet: Sheet, frame: Frame, raw: Any) -> None:
    """Go on with the state's result, to where it goes next."""
    state = sheet.state(frame)
    if state["Type"] in {"Task", *_MOCKED}:
        language, scope = sheet.language(frame), sheet.scope(frame)
        try:
            result = language.result(state, scope, raw)
            output = language.output(state, scope, result)
            leave(sheet, frame, output, language.assigned(state, scope, result))
        except StateError as error:
            failed(sheet, sheet.frames[0], error)
    else:
        sheet.put(frame, ready=True)
    walk.proceed(sheet)
    waiting = sheet.frames[0]
    if waiting.phase == "wait" and waiting.due is not None:
        sheet.now = waiting.due
        walk.ring(sheet, 0)


def _failure(sheet: Sheet) -> StateError | None:
    execution = sheet.execution
    return None if execution.status in {RUNNING, SUCCEEDED} else StateError(execution.error, execution.cause)


def _told(sheet: Sheet, error: StateError | None, noted: dict[str, Any]) -> Outcome:
    walk.proceed(sheet)
    frame, execution = sheet.frames[0], sheet.execution
    entered = (
        event.details["stateEnteredEventDetails"]["name"] for event in sheet.events if "Entered" in event.type
    )
    following = next((name.removeprefix(_NEXT) for name in entered if name.startswith(_NEXT)), None)
    if frame.variables:
        noted["variables"] = dump(dict(frame.variables))
    if frame.phase == "backoff":
        used = next((index for index, count in enumerate(frame.tries) if count), 0)
        noted["errorDetails"] = {
            "retryIndex": used,
            "retryBackoffIntervalSeconds": int((frame.due or 0) - sheet.now),
        }
        status = "RETRIABLE"
    elif execution.status == SUCCEEDED:
        status = "CAUGHT_ERROR" if error is not None else "SUCCEEDED"
    else:
        status, error = "FAILED", _failure(sheet) or error
    return Outcome(
        status,
        execution.output if status in {"SUCCEEDED", "CAUGHT_ERROR"} else None,
        error.error if error is not None else None,
        error.cause if error is not None else None,
        following,
        noted,
    )


class _Once:
    """What has become of one task; implements ``ports.Reports``."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._result: Any = None
        self._error: StateError | None = None

    def settle(self, task: Task, result: Any) -> None:
        """It succeeded."""
        del task
        self._result = result
        self._done.set()

    def fail(self, task: Task, error: StateError) -> None:
        """It failed."""
        del task
        self._error = error
        self._done.set()

    def submitted(self, task: Task, resource: str, output: Mapping[str, Any]) -> bool:
        """Nothing is waited for here."""
        del task, resource, output
        return True

    def wait(self, seconds: float) -> Any:
        """The result.

        Raises:
            StateError: it failed, or takes too long.
        """
        if not self._done.wait(seconds):
            raise StateError(TIMEOUT, f"The state took longer than {seconds:g} seconds")
        if self._error is not None:
            raise self._error
        return self._result


def _machine(asked: Asked) -> tuple[str, dict[str, Any]]:
    """The state's name, and a machine of it and of ends for wherever it goes.

    Raises:
        DomainError: ``InvalidDefinition``.
    """
    try:
        document = json.loads(asked.definition)
    except ValueError as error:
        raise refused("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error
    language = document.get("QueryLanguage") if isinstance(document, Mapping) else None
    name, state = asked.name or "State", document
    if isinstance(document, Mapping) and "States" in document:
        found = next((states[asked.name] for states in _all_states(document) if asked.name in states), None)
        if found is None:
            raise refused(
                "InvalidDefinition", f"There is no state '{asked.name}' in the definition: give a stateName"
            )
        state = found
    if not isinstance(state, Mapping):
        raise refused("InvalidDefinition", "A state is a JSON object")
    targets: set[str] = set()
    changed = _redirected(state, targets)
    if changed.get("Type") not in {"Choice", "Succeed", "Fail"} and "Next" not in changed:
        changed["End"] = True
    ends = {target: {"Type": "Succeed"} for target in sorted(targets)}
    machine: dict[str, Any] = {"StartAt": name, "States": {name: changed, **ends}}
    if language is not None:
        machine["QueryLanguage"] = language
    faults = check(json.dumps(machine))
    if faults:
        told = ", ".join(map(str, faults))
        raise refused("InvalidDefinition", f"Invalid State Machine Definition: '{told}'")
    return name, machine


def _redirected(state: Mapping[str, Any], targets: set[str]) -> dict[str, Any]:
    """The state, with an end of its own for each place that it goes to."""
    changed = dict(state)
    for name in ("Next", "Default"):
        if isinstance(state.get(name), str):
            changed[name] = f"{_NEXT}{state[name]}"
            targets.add(changed[name])
    for name in ("Choices", "Catch"):
        if isinstance(state.get(name), list):
            changed[name] = [
                _redirected(each, targets) if isinstance(each, Mapping) else each for each in state[name]
            ]
    return changed


def _all_states(machine: Any) -> Iterator[Mapping[str, Any]]:
    states = machine.get("States") if isinstance(machine, Mapping) else None
    if not isinstance(states, Mapping):
        return
    yield states
    for state in states.values():
        if isinstance(state, Mapping):
            inner = [*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")]
            for each in inner:
                yield from _all_states(each)


def _execution(asked: Asked, machine: Mapping[str, Any], now: float) -> Execution:
    account, region = asked.place
    arn = f"arn:aws:states:{region}:{account}:stateMachine:TestState"
    head = arn.replace(":stateMachine:", ":execution:")
    return Execution(
        arn=f"{head}:trial",
        machine_arn=arn,
        called="",
        name="trial",
        type="STANDARD",
        definition=json.dumps(machine),
        role_arn=asked.role_arn,
        revision="",
        input=asked.input,
        started=now,
        frames=1,
    )


def _needs_mock(what: str) -> DomainError:
    return refused("InvalidDefinition", f"{what} can be tested with a mock only")

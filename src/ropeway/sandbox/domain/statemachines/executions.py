"""Executions as callers see them: started, stopped, redriven, looked at, and answered with task tokens."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.engine import TOKEN, Engine
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.faults import no_execution, refused
from ropeway.sandbox.domain.statemachines.model import ENDED, RUNNING, SUCCEEDED, Event, Execution
from ropeway.sandbox.domain.statemachines.ports import ExecutionStore
from ropeway.sandbox.domain.statemachines.service import Machines, taken_apart
from ropeway.sandbox.domain.statemachines.trials import Asked, Outcome, attempt
from ropeway.values import strictjson
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["MachineExecutions"]

_LARGEST = 262_144
_SYNC_SECONDS = 300.0
_NO_TASK = "Task Timed Out: 'Provided task does not exist anymore'"


class MachineExecutions:
    """The executions of all state machines."""

    def __init__(
        self,
        store: ExecutionStore,
        machines: Machines,
        engine: Engine,
        endings: Endings,
        world: tuple[Transactions, Clock, Ids],
    ) -> None:
        self._store = store
        self._machines = machines
        self._engine = engine
        self._endings = endings
        self._transactions, self._clock, self._ids = world

    def start(self, arn: str, name: str | None, text: str, trace: str | None = None) -> Execution:
        """Start a machine, a version of it or an alias; the same name with the same input again is the same execution.

        Raises:
            DomainError: there is no such machine, the input is no JSON, or the name is taken.
        """
        machine = self._machines.called(arn)
        if len(text.encode()) > _LARGEST:
            raise refused("InvalidExecutionInput", f"Input size exceeds {_LARGEST} bytes")
        try:
            strictjson.loads(text)
        except ValueError as error:
            raise refused(
                "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'"
            ) from error
        name = name or self._ids.uuid()
        kind = "express" if machine.type == "EXPRESS" else "execution"
        head = machine.arn.replace(":stateMachine:", f":{kind}:", 1)
        tail = f":{self._ids.uuid()}" if kind == "express" else ""
        execution = Execution(
            arn=f"{head}:{name}{tail}",
            machine_arn=machine.arn,
            called=arn if arn != machine.arn else "",
            name=name,
            type=machine.type,
            definition=machine.definition,
            role_arn=machine.role_arn,
            revision=machine.revision,
            input=text,
            started=self._clock.now(),
            trace=trace,
            version="" if machine.version is None else machine.version_arn,
        )
        with self._transactions.transaction():
            before = self._store.get(execution.arn)
            if before is None:
                self._store.put(execution)
        if before is not None:
            if before.status not in ENDED and json.loads(before.input) == json.loads(text):
                return before
            raise refused("ExecutionAlreadyExists", f"Execution Already Exists: '{execution.arn}'")
        self._engine.start(execution)
        return execution

    def run(self, arn: str, name: str | None, text: str) -> Execution:
        """Start an express machine and wait for its end, five minutes at most.

        Raises:
            DomainError: the machine is a standard one, or as ``start``.
        """
        machine = self._machines.called(arn)
        if machine.type != "EXPRESS":
            raise refused("StateMachineTypeNotSupported", "This operation is not supported by this type")
        done = threading.Event()
        execution = self.start(arn, name, text)
        with self._endings.heard_by(execution.arn, done.set):
            if self.get(execution.arn).status not in ENDED and not done.wait(_SYNC_SECONDS):
                self._engine.change(execution.arn, walk.expire)
        return self.get(execution.arn)

    def attempt(self, asked: Asked) -> Outcome:
        """Try one state on its own.

        Raises:
            DomainError: it is none, the input is no JSON, or the state needs a mock.
        """
        try:
            strictjson.loads(asked.input)
        except ValueError as error:
            raise refused("InvalidExecutionInput", f"Invalid Input: '{error}'") from error
        return attempt(asked, self._engine.tasks, self._clock.now())

    def get(self, arn: str) -> Execution:
        """An execution.

        Raises:
            DomainError: there is none.
        """
        found = self._store.get(arn)
        if found is None:
            raise no_execution(arn)
        return found

    def list(self, machine_arn: str, listing: Listing) -> Page[Execution]:
        """The executions of a machine, or of a version or an alias of it.

        Raises:
            DomainError: there is no such machine.
        """
        base, qualifier = taken_apart(machine_arn)
        member = "version" if qualifier.isdigit() else "called"
        more = {member: machine_arn} if qualifier else {}
        machine = self._machines.get(base)
        return self._store.list(machine.arn, replace(listing, equals={**listing.equals, **more}))

    def history(self, arn: str, *, after: int, limit: int, newest_first: bool) -> Sequence[Event]:
        """A part of an execution's history."""
        return self._store.events(self.get(arn).arn, after=after, limit=limit, newest_first=newest_first)

    def stop(self, arn: str, error: str | None, cause: str | None) -> float:
        """Stop an execution; one that has ended stays as it is. Returns when it stopped."""
        execution = self.get(arn)
        if execution.status not in ENDED:
            self._engine.change(arn, lambda sheet: walk.stop(sheet, error, cause))
        return self.get(arn).stopped or self._clock.now()

    def stop_all(self, machine_arn: str) -> None:
        """Stop every execution of a machine."""
        running = Listing(limit=1000, equals={"status": RUNNING})
        while items := self._store.list(machine_arn, running).items:
            for execution in items:
                self.stop(execution.arn, None, None)

    def redrive(self, arn: str) -> float:
        """Let an execution that did not succeed go on where it ended; returns when.

        Raises:
            DomainError: it runs, succeeded, or is an express one.
        """
        execution = self.get(arn)
        if execution.status not in ENDED or execution.status == SUCCEEDED or execution.type == "EXPRESS":
            raise refused(
                "ExecutionNotRedrivable",
                f"Execution is {execution.status} and cannot be redriven: '{arn}'",
            )
        self._engine.change(arn, walk.redrive)
        return self.get(arn).redriven or self._clock.now()

    def succeed(self, token: str, output: str) -> None:
        """A task with a token is done.

        Raises:
            DomainError: nobody waits, or the output is no JSON.
        """
        try:
            value = strictjson.loads(output)
        except ValueError as error:
            raise refused("InvalidOutput", f"Invalid JSON: {error}") from error
        self._answer(token, lambda sheet, number: walk.settle(sheet, number, token, value))

    def fail(self, token: str, error: str | None, cause: str | None) -> None:
        """A task with a token has failed."""
        self._answer(token, lambda sheet, number: walk.fail(sheet, number, token, StateError(error, cause)))

    def beat(self, token: str) -> None:
        """A task with a token is still worked on."""
        self._answer(token, lambda sheet, number: walk.heard(sheet, number, token))

    def _answer(self, token: str, news: Any) -> None:
        if len(token) != TOKEN:
            raise refused("InvalidToken", "Invalid Token: 'Invalid token'")
        error: DomainError = refused("TaskTimedOut", _NO_TASK)
        self._engine.answer(token, news, error)

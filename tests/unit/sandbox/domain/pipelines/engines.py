"""An engine over fakes: steps of type ``Work`` run until a test ends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from ropeway.pipelines.definition import StepSpec, parse
from ropeway.pipelines.graph import check
from ropeway.sandbox.domain.changes import Changes
from ropeway.sandbox.domain.pipelines.board import Board
from ropeway.sandbox.domain.pipelines.contexts import Contexts
from ropeway.sandbox.domain.pipelines.engine import Engine
from ropeway.sandbox.domain.pipelines.faults import Fault, Faults
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext, StepType
from ropeway.sandbox.domain.pipelines.steps.condition import ConditionStep
from ropeway.sandbox.domain.pipelines.steps.fail import FailStep
from ropeway.sandbox.domain.pipelines.steps.foreach import ForEachStep
from ropeway.sandbox.domain.ports import ObjectStore
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.executions import MemoryExecutions
from tests.fakes.transactions import FakeTransactions

PIPELINE = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p"


def work(name: str, *needs: Any, **members: Any) -> dict[str, Any]:
    """A step that runs until it is ended."""
    return {"Name": name, "Type": "Work", "Arguments": {}, "DependsOn": list(needs), **members}


def on(name: str, trigger: str) -> dict[str, str]:
    """A run condition."""
    return {"Step": name, "Trigger": trigger}


def text_of(*steps: Any) -> str:
    """A checked definition document."""
    text = json.dumps({"Version": "2020-12-01", "Steps": steps})
    check(parse(text))
    return text


class Work:
    """A step type whose steps are ended by the test; a stop is noted and nothing more.

    Attributes:
        launched: names in the order of their starts, one entry per try.
        ended: reports the end of a step that runs.
    """

    def __init__(self) -> None:
        self.launched: list[str] = []
        self.ended: dict[tuple[str, str], Callable[[Progress], None]] = {}
        self.asked_to_stop: list[str] = []

    def check(self, step: StepSpec) -> None:
        """Anything goes."""

    def begin(self, context: StepContext) -> Progress:
        return Progress("Executing", resource=context.name, outputs={"Value": context.arguments.get("Value")})

    def launch(self, context: StepContext) -> None:
        self.launched.append(context.step.name)
        self.ended[context.execution.arn, context.step.name] = context.ended

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        return run.outputs

    def stop(self, run: StepRun, services: Services) -> None:
        self.asked_to_stop.append(run.name)

    def resume(self, run: StepRun, services: Services, ended: Callable[[Progress], None]) -> None:
        self.ended[run.execution_arn, run.name] = ended


class MemoryFaults:
    """Implements ``FaultStore``."""

    def __init__(self) -> None:
        self.faults: dict[str, Fault] = {}

    def put(self, fault: Fault) -> None:
        self.faults[fault.id] = fault
        if not fault.left:
            del self.faults[fault.id]

    def list(self) -> Sequence[Fault]:
        return list(self.faults.values())

    def clear(self) -> int:
        count = len(self.faults)
        self.faults.clear()
        return count


class CountingIds:
    """Names that are never the same."""

    def __init__(self) -> None:
        self.given = 0

    def token(self, length: int) -> str:
        self.given += 1
        return f"{self.given:0{length}d}"

    def uuid(self) -> str:
        return self.token(32)


class World:
    """An engine with everything around it; ``restarted`` keeps the store, the faults and the time."""

    def __init__(self, before: World | None = None) -> None:
        self.store: MemoryExecutions = before.store.copy() if before else MemoryExecutions()
        self.clock: FakeClock = before.clock if before else FakeClock()
        self.ids: CountingIds = before.ids if before else CountingIds()
        self.orders: MemoryFaults = before.orders if before else MemoryFaults()
        self.alarms, self.work, self.transactions = FakeAlarms(), Work(), FakeTransactions()
        services = cast(Services, SimpleNamespace(jobs=SimpleNamespace(changes=Changes())))
        types = cast(
            Mapping[str, StepType],
            {"Work": self.work, "Condition": ConditionStep(), "Fail": FailStep(), "ForEach": ForEachStep()},
        )
        objects = cast(ObjectStore, None)  # nothing here reads objects
        contexts = Contexts(self.store, objects, services, self.clock, self.ids, types)
        self.faults = Faults(self.orders, self.transactions, (self.clock, self.ids), types)
        board = Board(self.store, self.transactions, self.clock)
        around = (self.transactions, self.clock, self.alarms)
        self.engine = Engine(board, around, services, contexts, types, self.faults)
        self.over: list[Execution] = []
        self.engine.listen(self.over.append)

    def restarted(self) -> World:
        """Another server on the same state, recovered."""
        other = World(self)
        other.engine.recover()
        return other

    def start(self, *steps: Any, limit: int = 50, **members: Any) -> str:
        """Start an execution of a document; its ARN."""
        execution = Execution(
            pipeline_arn=PIPELINE,
            id=self.ids.token(12),
            status="Executing",
            created=self.clock.now(),
            modified=self.clock.now(),
            role_arn="arn:aws:iam::111111111111:role/r",
            version=1,
            definition=text_of(*steps),
            parameters={},
            parallelism=limit,
        )
        self.store.add(replace(execution, **members))
        self.engine.advance(execution.arn)
        return execution.arn

    def end(self, arn: str, name: str, status: str = "Succeeded", reason: str | None = None) -> None:
        """End a step that runs."""
        self.work.ended[arn, name](Progress(status, reason=reason))

    def fault(self, arn: str, name: str, reason: str = "CapacityError: none") -> None:
        """Have a step fail by a fault of the service."""
        self.end(arn, name, "Failed", reason)

    def wake(self, seconds: float) -> None:
        """Let time pass, and ring what is due."""
        self.clock.pass_seconds(seconds)
        self.alarms.ring(self.clock.now())

    def status(self, arn: str) -> str:
        """The execution's status."""
        return self.store.executions[arn].status

    def statuses(self, arn: str) -> dict[str, str]:
        """The statuses of an execution's steps."""
        return {name: run.status for name, run in self.store.runs[arn].items()}

    def running(self, arn: str) -> list[str]:
        """The steps of an execution that run, in the order of their starts."""
        return [run.name for run in self.store.running if run.execution_arn == arn]

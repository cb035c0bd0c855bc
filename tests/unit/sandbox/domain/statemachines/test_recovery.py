"""What a killed server leaves behind is taken up where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.engine import Engine
from ropeway.sandbox.domain.statemachines.mapruns import MapRuns
from ropeway.sandbox.domain.statemachines.model import Execution, MapRun
from ropeway.sandbox.domain.statemachines.ports import Reports, Task
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.machine_executions import SqliteMachineExecutions
from ropeway.sandbox.store.map_runs import SqliteMapRuns
from ropeway.values.ids import RandomIds
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import FolderObjects
from tests.unit.sandbox.domain.statemachines.runs import MACHINE, START, TASK, only

RUN = f"{MACHINE.replace('stateMachine', 'execution')}:e"
CHILD = {"StartAt": "C", "States": {"C": {"Type": "Task", "Resource": TASK, "End": True}}}
MAP = only(
    {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **CHILD},
    }
)


class Tasks:
    """Notes tasks and leaves them open."""

    def __init__(self) -> None:
        self.begun: list[Task] = []
        self.cancelled: list[tuple[str, str, Callable[[], None]]] = []

    def start(self, task: Task, reports: Reports) -> None:
        """Begin."""
        del reports
        self.begun.append(task)

    def resume(self, task: Task, resource: str, reports: Reports) -> None:
        """Go on."""
        del resource
        self.start(task, reports)

    def cancel(self, task: Task, resource: str, done: Callable[[], None]) -> None:
        """Nobody waits."""
        self.cancelled.append((task.resource.operation, resource, done))

    def abandon(self, task: Task, done: Callable[[], None]) -> None:
        """Nobody waits for a lost call."""
        self.cancelled.append((task.resource.operation, f"lost {task.arguments}", done))


class Runs(SqliteMapRuns):
    """Lets something happen before a run is kept."""

    before: Callable[[], None] | None = None

    def put(self, run: MapRun, inputs: list[list[Any]] | None = None) -> None:
        """Keep a run."""
        before, self.before = self.before, None
        if before is not None:
            before()
        super().put(run, inputs)


class Life:
    """A server's life over a database: an engine and its Map Runs, whose work is done at once."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.alarms, self.tasks = FakeClock(START), FakeAlarms(), Tasks()
        database = Database(folder / "state.sqlite")
        self.executions, self.runs = SqliteMachineExecutions(database), Runs(database)
        ids = RandomIds()
        self.engine = Engine(self.executions, self.tasks, (database, self.clock, ids, self.alarms))
        stores, world = (self.runs, self.executions), (self.clock, ids)
        self.maps = MapRuns(stores, self.engine, FolderObjects(folder), world, self._do)
        self.engine.map_with(self.maps)
        self.engine.changes.listen(self.maps.ended)
        self.held: list[Callable[[], None]] | None = None

    def _do(self, work: Callable[[], None]) -> None:
        if self.held is None:
            work()
        else:
            self.held.append(work)

    def start(self, definition: Mapping[str, Any], data: Any = None, **more: Any) -> None:
        self.engine.start(execution(definition, data, **more))

    @property
    def status(self) -> str:
        found = self.executions.get(RUN)
        assert found is not None
        return found.status


def execution(definition: Mapping[str, Any], data: Any = None, **more: Any) -> Execution:
    return Execution(
        arn=RUN,
        machine_arn=MACHINE,
        called="",
        name="e",
        definition=json.dumps(definition),
        role_arn="arn:aws:iam::111111111111:role/r",
        revision="r",
        input=json.dumps({} if data is None else data),
        started=START,
        **{"type": "STANDARD", **more},
    )


def test_an_execution_that_was_kept_and_not_begun_begins(tmp_path: Path) -> None:
    Life(tmp_path).executions.put(execution(only({"Type": "Pass"})))
    life = Life(tmp_path)
    life.engine.recover()
    assert life.status == "SUCCEEDED"


@pytest.mark.parametrize(("fails", "status"), [(False, "SUCCEEDED"), (True, "FAILED")])
def test_the_end_of_a_map_run_reaches_its_state_after_a_restart(
    tmp_path: Path, fails: bool, status: str
) -> None:
    life = Life(tmp_path)
    life.start(MAP, [1])
    (task,) = life.tasks.begun
    life.held = []  # the server dies before the run hears of its child
    if fails:
        life.engine.change(task.execution_arn, lambda sheet: walk.stop(sheet, "E", None))
    else:
        life.engine.settle(task, "done")
    (run,) = life.runs.of(RUN)
    life.runs.put(replace(run, status=status, stopped=START))  # … or after that, before the state does
    again = Life(tmp_path)
    again.engine.recover()
    assert again.status == status
    (run,) = again.runs.of(RUN)
    assert run.status == status


def test_a_map_run_that_nobody_waits_for_any_more_starts_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path)

    def stop() -> None:
        life.engine.change(RUN, lambda sheet: walk.stop(sheet, None, None))

    life.runs.before = stop  # after its items were read, and before the state knows of the run
    life.start(MAP, [1, 2])
    (run,) = life.runs.of(RUN)
    assert (life.status, run.status, life.tasks.begun) == ("ABORTED", "ABORTED", [])


def test_an_express_execution_has_five_minutes(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.start(only({"Type": "Wait", "Seconds": 3600}), type="EXPRESS")
    life.clock.pass_seconds(299)
    life.alarms.ring(life.clock.now())
    assert life.status == "RUNNING"
    life.clock.pass_seconds(1)
    life.alarms.ring(life.clock.now())
    assert life.status == "TIMED_OUT"


LOOP = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "C"}],
            "Default": "A",
        },
        "C": {"Type": "Succeed"},
    },
}


def test_a_long_loop_is_seen_and_stopped(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.start(LOOP)
    assert 1_000 < len(life.executions.events(RUN, after=0, limit=25_000, newest_first=False)) < 2_000
    life.engine.change(RUN, lambda sheet: walk.stop(sheet, None, None))
    life.alarms.ring(START)
    assert life.status == "ABORTED"


def test_a_long_loop_goes_on_after_a_restart(tmp_path: Path) -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Map", "ItemProcessor": LOOP, "End": True}}}
    Life(tmp_path).start(inner, [{}, {"stop": 1}])
    life = Life(tmp_path)
    life.engine.recover()
    life.alarms.ring(START)
    newest = life.executions.events(RUN, after=0, limit=1, newest_first=True)[0].number
    assert newest > 3_000
    numbers = [each.number for each in life.executions.events(RUN, after=0, limit=newest, newest_first=False)]
    assert numbers == list(range(1, newest + 1))
    assert [each.number for each in life.executions.events(RUN, after=5, limit=2, newest_first=True)] == [
        4,
        3,
    ]


def test_what_was_to_be_stopped_is_stopped_after_a_restart(tmp_path: Path) -> None:
    job = "arn:aws:sagemaker:eu-west-1:111111111111:training-job/t"
    life = Life(tmp_path)
    life.start(only({"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync"}))
    life.engine.submitted(life.tasks.begun[0], job, {})
    life.engine.change(RUN, lambda sheet: walk.stop(sheet, None, None))
    for _ in range(2):  # the server dies before it has stopped the job
        life = Life(tmp_path)
        life.engine.recover()
        ((operation, resource, done),) = life.tasks.cancelled
        assert (operation, resource) == ("CreateTrainingJob", job)
    done()
    life = Life(tmp_path)
    life.engine.recover()
    assert life.tasks.cancelled == []


def test_a_call_that_was_lost_while_its_execution_was_stopped_is_abandoned_once(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.start(only({"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync"}), "a")
    life.engine.change(RUN, lambda sheet: walk.stop(sheet, None, None))
    (task,) = life.tasks.begun
    life = Life(tmp_path)
    life.engine.recover()
    assert [what for _, what, _ in life.tasks.cancelled] == ["lost a"]
    life.engine.submitted(
        task, "arn", {}
    )  # without a crash the call is answered, and what it made is stopped then
    assert not life.executions.stops.all()


def test_a_map_run_that_was_to_be_stopped_is_stopped_after_a_restart(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.start(MAP, [1, 2])
    life.held = []
    life.engine.change(RUN, lambda sheet: walk.stop(sheet, None, None))
    life = Life(tmp_path)
    life.engine.recover()
    (run,) = life.runs.of(RUN)
    children = life.executions.list(run.arn, Listing()).items
    assert (run.status, [each.status for each in children]) == ("ABORTED", ["ABORTED", "ABORTED"])
    assert not life.executions.unfinished()
    assert not life.executions.stops.all()

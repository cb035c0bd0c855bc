"""What handlers may do to their worker, and what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from ropeway.sandbox.domain.functions import ReadyFunction
from ropeway.sandbox.domain.sessions import Session, Sessions, SessionStore
from ropeway.sandbox.runners.lambda_pool import WorkerPool, Workplace
from ropeway.sandbox.runners.lambda_worker import Answer, Launch, Worker
from ropeway.values.ids import RandomIds
from tests.fakes.clock import FakeClock

Run = Callable[..., Answer]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run a handler of this source; the worker stays for the next call of the test."""
    workers: list[Worker] = []

    def call(source: str = "", *, timeout: float = 20.0, memory: int = 1024) -> Answer:
        if source:
            (tmp_path / "app.py").write_text(source, encoding="utf-8")
            names = (
                "FUNCTION_NAME",
                "FUNCTION_VERSION",
                "FUNCTION_MEMORY_SIZE",
                "LOG_GROUP_NAME",
                "LOG_STREAM_NAME",
            )
            environment = {f"AWS_LAMBDA_{name}": "1" for name in names}
            environment |= {"LAMBDA_TASK_ROOT": str(tmp_path), "_HANDLER": "app.handler"}
            launch = Launch(
                sys.executable, environment, tmp_path, tmp_path / "tmp", "s", timeout, memory, "note"
            )
            workers.append(Worker(launch))
        return workers[-1].run("id", "arn", None)

    yield call
    for worker in workers:
        worker.close()


def test_the_first_call_has_no_more_time_than_the_next(run: Run) -> None:
    told = run("import time\ndef handler(e, c):\n    print('here')\n    time.sleep(60)", timeout=0.5)
    assert told.payload["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 0.50 seconds" in told.payload["errorMessage"]
    assert "here" in told.lines  # it was told before the process was killed


def test_loading_does_not_count(run: Run) -> None:
    told = run("import time\ntime.sleep(1)\ndef handler(e, c): return 'done'", timeout=0.8)
    assert told.payload == "done"
    assert "\tInit Duration: " in told.lines[-1]
    assert "Init Duration" not in run().lines[-1]


def test_a_forked_process_does_not_answer(run: Run) -> None:
    source = "import os\ndef handler(e, c): return 'child' if os.fork() == 0 else 'parent'"
    assert [run(source).payload, run().payload, run().payload] == ["parent"] * 3


def test_an_end_is_seen_while_children_live(run: Run) -> None:
    told = run("""
import os, time
def handler(e, c):
    if os.fork() == 0:
        time.sleep(60)
    os._exit(4)
""")
    assert told.payload["errorType"] == "Runtime.ExitError"
    assert "exit status 4" in told.payload["errorMessage"]


def test_what_is_written_to_the_runtimes_pipe_is_no_answer(run: Run) -> None:
    told = run("import os, sys\ndef handler(e, c): os.write(int(sys.argv[2]), b'{')")
    assert (told.payload["errorType"], told.error) == ("Runtime.Unknown", "Unhandled")


def test_numbers_of_dynamodb_are_numbers(run: Run) -> None:
    told = run("""
from decimal import Decimal
def handler(e, c): return {"a": Decimal("3.5"), "b": [Decimal("7"), Decimal("1E+2")]}
""")
    assert told.payload == {"a": 3.5, "b": [7, 100]}


def test_an_endless_log_is_cut_in_the_middle(run: Run) -> None:
    told = run("""
def handler(e, c):
    print("first")
    for _ in range(40): print("x" * 1_000_000)
    print("last")
    return "done"
""")
    assert told.payload == "done"
    assert "first" in told.lines
    assert "last" in told.lines
    assert any(line.endswith(" bytes are left out ...") for line in told.lines)
    assert sum(map(len, told.lines)) < 20_000_000


def test_memory_is_looked_at_while_a_function_talks(run: Run) -> None:
    told = run(
        """
def handler(e, c):
    held = bytearray(200_000_000)
    while True: print("talk", flush=True)
""",
        memory=64,
    )
    assert "signal: killed" in told.payload["errorMessage"]


class Store:
    """Keeps no sessions: nobody asks for them here."""

    def add(self, session: Session) -> None:
        pass


def test_who_holds_the_places_may_wait_for_one_more(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(e, c): return e", encoding="utf-8")
    config = {
        "FunctionName": "f",
        "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f",
        "Handler": "app.handler",
        "Role": "arn:aws:iam::111111111111:role/r",
        "Runtime": "python3.11",
    }
    function = ReadyFunction(str(config["FunctionArn"]), "111111111111", "eu-west-1", config, tmp_path, ())
    sessions = Sessions(cast("SessionStore", Store()), FakeClock(), RandomIds())
    workplace = Workplace(tmp_path / "scratch", "http://127.0.0.1:1")
    pool = WorkerPool(sessions, FakeClock(), RandomIds(), workplace, limit=1)
    try:
        outer, inner = pool.take(function), pool.take(function)
        assert inner.run("id", "arn", 5).payload == 5
        pool.give_back(inner)
        assert not inner.alive  # it was one too many to be kept
        pool.give_back(outer)
        assert pool.take(function) is outer
        pool.give_back(outer)
    finally:
        pool.close()

"""Tasks of state machines: calls of the sandbox's own services, and waiting for what they start.

A call is made by a few threads; waiting needs none: whoever ends (a job, a pipeline execution, another state machine's
execution) is told to ``ended``, and who waits for it describes it then.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ropeway.sandbox.domain.statemachines.errors import TASK_FAILED, StateError
from ropeway.sandbox.domain.statemachines.ports import Api, Reports, Task
from ropeway.sandbox.domain.statemachines.resources import KNOWN, SYNC, Sync

__all__ = ["StateTasks"]

_log = logging.getLogger(__name__)
_CALLS = 48  # calls under way at once: functions hold theirs until they answer
_RUNNING = frozenset({"InProgress", "Executing", "Stopping", "RUNNING"})
_READS = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan")
# Calls that name what they make: how to look whether it is there, and the member that names it.
_NAMED = {
    ("sagemaker", f"Create{kind}"): (f"Describe{kind}", f"{kind}Name", f"{kind}Arn")
    for kind in ("Model", "EndpointConfig", "Endpoint")
}
_START = ("stepfunctions", "StartExecution")
# Their second call is the first one's, by an idempotency token or the execution's name.
_REPEATABLE = {_START, ("sagemaker", "StartPipelineExecution")}
_EXISTS = re.compile(r"ExecutionAlreadyExistsException: .*'(arn:[^']+)'")
_LOST = "The sandbox restarted while the call was under way; nobody knows whether it was made."


class StateTasks:
    """Implements ``domain.statemachines.ports.Tasks``."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._pool = ThreadPoolExecutor(_CALLS, thread_name_prefix="task")
        self._lock = threading.Lock()
        self._waiting: dict[str, list[tuple[Task, Reports]]] = {}

    def start(self, task: Task, reports: Reports) -> None:
        """Make the task's call in the background."""
        self._submit(lambda: self._begin(task, reports), task, reports)

    def resume(self, task: Task, resource: str, reports: Reports) -> None:
        """After a restart: wait on, adopt a job that was made, or fail a call that was lost."""
        if resource == "token":
            return
        if resource:
            self._submit(lambda: self._wait(task, resource, reports), task, reports)
        else:
            self._submit(lambda: self._adopt(task, reports), task, reports)

    def cancel(self, task: Task, resource: str, done: Callable[[], None]) -> None:
        """Stop what was started, where there is something that nobody else waits for."""
        sync = _sync(task)
        self._forget(task, resource)
        if sync is not None and resource:
            try:
                self._pool.submit(self._stop, task, sync, resource, done)
            except RuntimeError:  # the server is closing: a restart stops it
                _log.debug("not stopped: %s", resource)

    def abandon(self, task: Task, done: Callable[[], None]) -> None:
        """After a restart: stop the job that a lost call may have made, by the name that it was given."""
        sync = _sync(task)
        name = (
            task.arguments.get(sync.key) if sync is not None and isinstance(task.arguments, Mapping) else None
        )
        if sync is not None and sync.by_name and name:
            self._pool.submit(self._stop, task, sync, str(name), done)
        else:
            done()

    def ended(self, arn: str) -> None:
        """Something has ended: whoever waits for it looks at it."""
        with self._lock:
            waiting = self._waiting.pop(arn, [])
        for task, reports in waiting:
            self._submit(lambda task=task, reports=reports: self._look(task, arn, reports), task, reports)  # type: ignore[misc]

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, work: Callable[[], None], task: Task, reports: Reports) -> None:
        def run() -> None:
            try:
                work()
            except StateError as error:
                reports.fail(task, error)
            except Exception as error:  # noqa: BLE001 - a thread's border: the execution must not wait for ever
                _log.exception("a task of %s failed", task.execution_arn)
                reports.fail(task, StateError("States.Runtime", f"the sandbox failed: {error!r}"))

        try:
            self._pool.submit(run)
        except RuntimeError:  # the server is closing: a restart takes the task up
            _log.debug("not started: %s", task.execution_arn)

    def _begin(self, task: Task, reports: Reports) -> None:
        resource = task.resource
        if resource.kind == "function":
            answer = self._api.call(task, "Invoke", {"FunctionName": resource.arn, "Payload": task.arguments})
            reports.settle(task, _payload(answer))
            return
        if not resource.sdk and not KNOWN.get(resource.service):
            raise StateError(
                f"{resource.service.title()}.NotAvailable",
                f"The sandbox has no {resource.service}: {resource.arn} runs in an AWS account only.",
            )
        answer = self._call(task)
        if resource.service == "lambda" and "FunctionError" in answer and not resource.sdk:
            _payload(answer)
        if resource.service == "events" and answer.get("FailedEntryCount"):
            raise StateError("EventBridge.FailedEntry", json.dumps(answer))
        sync = _sync(task)
        if resource.pattern == "token":
            reports.submitted(task, "token", answer)
        elif sync is not None:
            self._started(task, sync, answer, reports)
        elif resource.waits:
            raise StateError(
                "States.Runtime", f"{resource.arn}: the sandbox cannot wait for this call's end."
            )
        else:
            reports.settle(task, answer)

    def _call(self, task: Task) -> dict[str, Any]:
        """The task's call; an execution gets a name, so that the call repeated after a restart starts no second one."""
        resource, given = task.resource, task.arguments
        if (resource.service, resource.operation) != _START or not isinstance(given, Mapping):
            return self._api.call(task, resource.operation, given)
        name = given.get("Name") or given.get("name") or str(uuid.uuid5(uuid.NAMESPACE_URL, task.token))
        rest = {member: value for member, value in given.items() if member not in {"Name", "name"}}
        return self._api.call(task, resource.operation, {**rest, "Name": name})

    def _started(self, task: Task, sync: Sync, answer: Mapping[str, Any], reports: Reports) -> None:
        arn = answer[_capital(sync.arn)]
        if reports.submitted(task, arn, answer):
            self._wait(task, arn, reports)
        else:  # the execution was stopped, or the task's time was over, while the call was made
            self._stop(task, sync, arn)

    def _wait(self, task: Task, arn: str, reports: Reports) -> None:
        with self._lock:
            self._waiting.setdefault(arn, []).append((task, reports))
        self._look(task, arn, reports)  # it may have ended before

    def _forget(self, task: Task, arn: str) -> None:
        with self._lock:
            waiting = [each for each in self._waiting.get(arn, ()) if each[0].token != task.token]
            if waiting:
                self._waiting[arn] = waiting
            else:
                self._waiting.pop(arn, None)

    def _look(self, task: Task, arn: str, reports: Reports) -> None:
        sync = _sync(task)
        if sync is None:
            return
        found = self._api.call(task, sync.describe, {_capital(sync.key): _key(sync, arn)})
        member, success = sync.status
        status = found[_capital(member)]
        if status in _RUNNING:
            return
        self._forget(task, arn)
        if status != success:
            raise StateError(TASK_FAILED, json.dumps(found))
        if task.resource.pattern == "sync2" and isinstance(found.get("Output"), str):
            found = {**found, "Output": json.loads(found["Output"]), "Input": json.loads(found["Input"])}
        reports.settle(task, found)

    def _adopt(self, task: Task, reports: Reports) -> None:
        """A call that may have been made: what it names is looked up, what may be repeated is, others are lost."""
        sync, call = _sync(task), (task.resource.service, task.resource.operation)
        if call in _REPEATABLE or task.resource.operation.startswith(_READS):
            self._repeat(task, reports)
            return
        if sync is not None:
            describe, key, arn = sync.describe, sync.key, sync.arn
        elif call in _NAMED and not task.resource.waits:
            describe, key, arn = _NAMED[call]
        else:
            raise StateError(_lost(task), _LOST)
        name = task.arguments.get(key) if isinstance(task.arguments, Mapping) else None
        try:
            found = self._api.call(task, describe, {key: name})
        except StateError:
            self._begin(task, reports)
            return
        answer = {arn: found[arn]}
        if sync is not None:
            self._started(task, sync, answer, reports)
        else:
            reports.settle(task, answer)

    def _repeat(self, task: Task, reports: Reports) -> None:
        """Make a call again that may have been made; an execution that has ended meanwhile is found by its name."""
        try:
            self._begin(task, reports)
        except StateError as error:
            there = _EXISTS.search(f"{error.error}: {error.cause}")
            if there is None:
                raise
            found = self._api.call(task, "DescribeExecution", {"ExecutionArn": there.group(1)})
            answer = {name: found[name] for name in ("ExecutionArn", "StartDate")}
            sync = _sync(task)
            if sync is not None:
                self._started(task, sync, answer, reports)
            elif task.resource.pattern == "token":
                reports.submitted(task, "token", answer)
            else:
                reports.settle(task, answer)

    def _stop(self, task: Task, sync: Sync, arn: str, done: Callable[[], None] = lambda: None) -> None:
        try:
            self._api.call(task, sync.stop, {_capital(sync.key): _key(sync, arn)})
        except StateError as error:
            _log.info("could not stop %s: %s", arn, error.cause)
        done()


def _sync(task: Task) -> Sync | None:
    if task.resource.pattern not in {"sync", "sync2"}:
        return None
    return SYNC.get((task.resource.service, task.resource.operation))


def _lost(task: Task) -> str:
    if task.resource.service == "lambda":
        return "Lambda.SdkClientException"
    return task.resource.error("SdkClientException", declared=True)


def _payload(answer: Mapping[str, Any]) -> Any:
    """A function's result.

    Raises:
        StateError: the function failed.
    """
    payload = answer.get("Payload")
    if "FunctionError" in answer:
        told = payload if isinstance(payload, Mapping) else {}
        raise StateError(told.get("errorType") or "Lambda.Unknown", json.dumps(payload))
    return payload


def _key(sync: Sync, arn: str) -> str:
    return arn.rpartition("/")[2] if sync.by_name else arn


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]

"""Callback steps: a message on a queue with a token, and an answer that may take days.

A callback is open from the moment its step starts. It has two messages to send, in this order: ``Executing`` when
the step starts, and ``Stopping`` when the execution is asked to stop; the step goes on waiting after both. Whoever
has the token ends the step by an answer; seven days without one fail it.

Promises after a crash: the token is in the database before its message is sent, what was sent is written down after
it (a message may come twice, as SQS has it; a FIFO queue drops the second), and an answer is written down before it is
acknowledged and reported to the engine, so ``resume`` reports it again when the sandbox stopped between.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from ropeway.sandbox.domain.errors import Conflict, DomainError, Invalid, NotFound
from ropeway.sandbox.domain.pipelines.model import ACTIVE
from ropeway.sandbox.domain.pipelines.outputs import OutputTypeError, listed, typed
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.ports import Alarms, Peers, Transactions
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["PATIENCE", "Callback", "CallbackStore", "Callbacks"]

PATIENCE = 7 * 24 * 3600.0
"""How many seconds a step waits for its answer."""

_TOKEN = 10
_ACCOUNT = re.compile("[0-9]{12}")
_NO_QUEUE = "it is not the URL of an SQS queue"
_NO_REASON = "The callback step was reported as failed, without a reason."
_TIMED_OUT = "ClientError: The callback step got no answer within seven days."

Report = Callable[[str, str, Progress], None]


@dataclass(frozen=True)
class Callback:
    """One wait of one step.

    Attributes:
        arguments: the step's Arguments, resolved; they go out with every message.
        outputs: the type of every output parameter that the step declares, by name.
        deadline: epoch seconds.
        sent: the last message that is out: "", Executing or Stopping.
        stopping: the execution wants to stop.
        digest: of the answer's request, "" while there is none.
        answer: ``outputs`` of a success, or ``reason`` of a failure.
    """

    token: str
    execution_arn: str
    step: str
    queue_url: str
    arguments: Mapping[str, Any]
    outputs: Mapping[str, str]
    deadline: float
    sent: str = ""
    stopping: bool = False
    digest: str = ""
    answer: Mapping[str, Any] | None = None


class CallbackStore(Protocol):
    """Keeps callbacks; takes part in the caller's transaction."""

    def put(self, callback: Callback) -> None:
        """Keep a callback, new or changed."""

    def get(self, token: str) -> Callback | None:
        """A callback by its token."""


class Callbacks:
    """The callbacks of all executions."""

    def __init__(
        self,
        stores: tuple[CallbackStore, ExecutionStore],
        transactions: Transactions,
        peers: Peers,
        sources: tuple[Clock, Ids],
        alarms: Alarms,
    ) -> None:
        self._store, self._executions = stores
        self._transactions = transactions
        self._peers = peers
        self._clock, self._ids = sources
        self._alarms = alarms
        self._sending = threading.Lock()
        self._reports: list[Report] = []

    def listen(self, report: Report) -> None:
        """Have the ends of callback steps reported: execution, step, how it stands."""
        self._reports.append(report)

    def open(
        self,
        execution_arn: str,
        step: str,
        queue_url: str,
        arguments: Mapping[str, Any],
        outputs: Mapping[str, str],
    ) -> str:
        """Begin to wait, within the caller's transaction; returns the token."""
        token = self._ids.token(_TOKEN)
        deadline = self._clock.now() + PATIENCE
        self._store.put(Callback(token, execution_arn, step, queue_url, arguments, outputs, deadline))
        return token

    def deliver(self, token: str) -> None:
        """Send what is due of a callback's messages; one that cannot be sent fails its step."""
        callback = self._store.get(token)
        if callback is not None and not callback.sent:
            self._watch(callback)
        try:
            with self._sending:
                while (callback := self._store.get(token)) is not None and (status := _due(callback)):
                    self._send(callback, status)
                    self._change(token, sent=status)
        except DomainError as error:
            if callback is not None:
                reason = f"ClientError: {callback.queue_url}: {error.message}"
                self._report(callback, Progress("Failed", reason=reason))

    def stop(self, token: str) -> None:
        """Tell whoever works on it that the execution is to stop, and go on waiting."""
        self._change(token, stopping=True)
        self.deliver(token)

    def resume(self, token: str, *, stopping: bool) -> None:
        """After a restart: report an answer that is there, send what was not sent."""
        callback = self._change(token, stopping=stopping)
        if callback is None:
            return
        if callback.answer is not None:
            self._report(callback, _progress(callback, callback.answer))
            return
        self.deliver(token)
        self._watch(callback)

    def expire(self, token: str) -> None:
        """Fail the step when its time is over."""
        callback = self._store.get(token)
        if callback is not None and callback.answer is None and callback.deadline <= self._clock.now():
            self._report(callback, Progress("Failed", reason=_TIMED_OUT))

    def succeed(self, account: str, region: str, request: Mapping[str, Any]) -> str:
        """Take SendPipelineExecutionStepSuccess's input; returns the execution's ARN.

        Raises:
            NotFound: nobody has such a token.
            Invalid: an output parameter is not declared, or not of its type.
            Conflict: the step does not wait any more.
        """
        callback = self._find(request["CallbackToken"], account, region)
        given = request.get("OutputParameters", ())
        return self._answer(callback, request, lambda: {"outputs": _outputs(callback, given)})

    def fail(self, account: str, region: str, request: Mapping[str, Any]) -> str:
        """Take SendPipelineExecutionStepFailure's input; returns the execution's ARN.

        Raises:
            NotFound: nobody has such a token.
            Conflict: the step does not wait any more.
        """
        callback = self._find(request["CallbackToken"], account, region)
        return self._answer(callback, request, lambda: {"reason": request.get("FailureReason") or _NO_REASON})

    def _watch(self, callback: Callback) -> None:
        self._alarms.at(callback.deadline, lambda: self.expire(callback.token))

    def _find(self, token: str, account: str, region: str) -> Callback:
        callback = self._store.get(token)
        owner = Arn.parse(callback.execution_arn) if callback is not None else None
        if callback is None or owner is None or (owner.account, owner.region) != (account, region):
            raise NotFound(f"Callback token {token} does not exist.")
        return callback

    def _answer(
        self, callback: Callback, request: Mapping[str, Any], read: Callable[[], Mapping[str, Any]]
    ) -> str:
        digest = _digest(request)
        with self._transactions.transaction():
            known = self._store.get(callback.token)
            if known is not None and known.digest == digest:
                return callback.execution_arn
            run = self._executions.step(callback.execution_arn, callback.step)
            waits = run is not None and run.resource == callback.token and run.status in ACTIVE
            if known is None or known.digest or not waits:
                raise Conflict(
                    f"Step {callback.step} of {callback.execution_arn} is not waiting for callback token "
                    f"{callback.token} any more."
                )
            answered = replace(known, digest=digest, answer=read())
            self._store.put(answered)
        self._report(answered, _progress(answered, answered.answer or {}))
        return callback.execution_arn

    def _report(self, callback: Callback, progress: Progress) -> None:
        for report in tuple(self._reports):
            report(callback.execution_arn, callback.step, progress)

    def _change(self, token: str, **members: Any) -> Callback | None:
        with self._transactions.transaction():
            callback = self._store.get(token)
            if callback is None:
                return None
            changed = replace(callback, **members)
            self._store.put(changed)
            return changed

    def _send(self, callback: Callback, status: str) -> None:
        body = {
            "token": callback.token,
            "pipelineExecutionArn": callback.execution_arn,
            "arguments": callback.arguments,
            "status": status,
        }
        message: dict[str, Any] = {"QueueUrl": callback.queue_url, "MessageBody": json.dumps(body)}
        account, region, name = _queue(callback)
        if name.endswith(".fifo"):
            message["MessageGroupId"] = callback.token
            message["MessageDeduplicationId"] = f"{callback.token}-{status}"
        self._peers.call("sqs", "SendMessage", message, account=account, region=region)


def _due(callback: Callback) -> str | None:
    """The message to send next."""
    if callback.answer is not None:
        return None
    if not callback.sent:
        return "Executing"
    return "Stopping" if callback.stopping and callback.sent != "Stopping" else None


def _queue(callback: Callback) -> tuple[str, str, str]:
    """A queue's account, region and name, of its URL; a queue is where its pipeline is unless the URL says so."""
    try:
        parts = urlsplit(callback.queue_url)
    except ValueError as error:
        raise Invalid(_NO_QUEUE) from error
    account, _, name = parts.path.strip("/").rpartition("/")
    if not parts.hostname or not name or not _ACCOUNT.fullmatch(account):
        raise Invalid(_NO_QUEUE)
    first, _, rest = parts.hostname.partition(".")
    region = rest.partition(".")[0] if first == "sqs" and rest.count(".") > 1 else ""
    return account, region or Arn.parse(callback.execution_arn).region, name


def _progress(callback: Callback, answer: Mapping[str, Any]) -> Progress:
    if "reason" in answer:
        return Progress("Failed", reason=answer["reason"])
    told = {
        "CallbackToken": callback.token,
        "SqsQueueUrl": callback.queue_url,
        "OutputParameters": listed(answer["outputs"]),
    }
    return Progress("Succeeded", {"Callback": told}, callback.token, answer["outputs"])


def _outputs(callback: Callback, given: Any) -> dict[str, Any]:
    """Output parameters as values of their declared types."""
    outputs: dict[str, Any] = {}
    for entry in given:
        name, value = entry["Name"], entry["Value"]
        if name not in callback.outputs:
            declared = ", ".join(callback.outputs) or "none"
            raise Invalid(
                f"Output parameter {name} is not declared by step {callback.step}; it declares {declared}."
            )
        if name in outputs:
            raise Invalid(f"Output parameter {name} is given twice.")
        try:
            outputs[name] = typed(name, value, callback.outputs[name])
        except OutputTypeError as error:
            raise Invalid(f"Invalid output parameter: {error}.") from error
    return outputs


def _digest(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()

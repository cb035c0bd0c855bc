"""Asynchronous invocations: kept before they are acknowledged, tried again, sent on to destinations.

An event is in the database from its acknowledgement to its end. A function that fails is tried again one minute and
then two minutes later (``MaximumRetryAttempts``, two by default); one that is throttled is tried again, ever less
often, until the event is too old (``MaximumEventAgeInSeconds``, six hours by default); where the reserved concurrency
is zero, it is given up at once. What has come of it goes to the destination of its success or failure, and a failure
to the function's dead-letter queue. An event whose function was running when the server died is tried again: a
function may see it twice, as Lambda says of its own. Functions whose destinations call each other in a circle are
stopped after sixteen rounds.
Source: the AWS Lambda developer guide, "Invoking a Lambda function asynchronously".
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Protocol

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.functions import Functions, Invocation
from ropeway.sandbox.domain.ports import Alarms, Peers, Transactions
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["EventStore", "FunctionEvent", "FunctionEvents"]

_log = logging.getLogger(__name__)
_MOST = 10_000
_DELAYS = (60.0, 120.0)
_FIRST_THROTTLE, _LONGEST_THROTTLE = 1.0, 300.0
_THROTTLED = "TooManyRequestsException"
_OLDEST = 21_600
_LONGEST_CHAIN = 16


@dataclass(frozen=True)
class FunctionEvent:
    """One event for one function.

    Attributes:
        id: the request's id, the same at every try.
        arn: the function as it was called.
        accepted: when it was acknowledged; ``due``: when it is tried next, both epoch seconds.
        attempts: how often the function has begun with it.
        throttled: how often there was no room for it.
    """

    id: str
    arn: str
    caller_account: str
    payload: Any
    accepted: float
    due: float
    attempts: int = 0
    throttled: int = 0


class EventStore(Protocol):
    """Keeps events; takes part in the caller's transaction."""

    def put(self, event: FunctionEvent) -> None:
        """Keep an event, new or changed."""

    def get(self, event_id: str) -> FunctionEvent | None:
        """An event by its id."""

    def drop(self, event_id: str) -> None:
        """Forget an event."""

    def all(self) -> Sequence[FunctionEvent]:
        """Every event, in the order in which they are due."""

    def count(self) -> int:
        """How many events wait."""


class FunctionEvents:
    """The asynchronous invocations of all functions.

    Args:
        peers: the sandbox's own API: settings of functions, and where destinations are.
        background: runs work in a thread of its own.
    """

    def __init__(
        self,
        store: EventStore,
        functions: Functions,
        peers: Peers,
        world: tuple[Transactions, Clock, Ids, Alarms],
        background: Callable[[Callable[[], None]], None],
    ) -> None:
        self._store = store
        self._functions = functions
        self._peers = peers
        self._transactions, self._clock, self._ids, self._alarms = world
        self._background = background
        self._closed = threading.Event()

    def submit(self, arn: str, payload: Any, *, caller_account: str) -> None:
        """Accept an event.

        Raises:
            DomainError: the function does not exist, cannot run here or may not be called; or too many events wait.
        """
        self._functions.prepare(arn, caller_account=caller_account)
        if self._store.count() >= _MOST:
            raise DomainError("Rate Exceeded.", code=_THROTTLED, status=429)
        now = self._clock.now()
        event = FunctionEvent(self._ids.uuid(), arn, caller_account, payload, now, now)
        self._store.put(event)
        self._background(lambda: self._try(event.id))

    def recover(self) -> None:
        """After a restart: take up every event."""
        for event in self._store.all():
            self._set(event)

    def close(self) -> None:
        """What functions answer from now on is not theirs: the server ends them. Their events wait for the next one."""
        self._closed.set()

    def _set(self, event: FunctionEvent) -> None:
        self._alarms.at(event.due, lambda: self._background(lambda: self._try(event.id)))

    def _try(self, event_id: str) -> None:
        event = self._store.get(event_id)
        if event is None or self._closed.is_set():
            return
        try:
            self._attempt(event)
        except Exception as error:  # noqa: BLE001 - an event's border: it must not wait for the next start
            _log.exception("%s: an event failed", event.arn)
            told = {"errorType": type(error).__name__, "errorMessage": str(error)}
            self._failed(event, {}, Invocation(told, "Unhandled", ""))

    def _attempt(self, event: FunctionEvent) -> None:
        settings = self._settings(event)
        if self._clock.now() - event.accepted > settings.get("MaximumEventAgeInSeconds", _OLDEST):
            self._fail(event, settings, "EventAgeExceeded", None)
            return
        try:
            done = self._functions.invoke(event.arn, event.payload, caller_account=event.caller_account)
        except DomainError as error:
            if self._closed.is_set():
                return
            if error.code == _THROTTLED and self._stopped(event):
                self._fail(event, settings, "ZeroReservedConcurrency", None)
            elif error.code == _THROTTLED:
                delay = min(_FIRST_THROTTLE * 2**event.throttled, _LONGEST_THROTTLE)
                self._later(replace(event, throttled=event.throttled + 1), delay)
            else:
                told = {"errorType": error.code, "errorMessage": error.message}
                self._failed(event, settings, Invocation(told, "Unhandled", ""))
            return
        if self._closed.is_set():
            return
        if done.error is None:
            self._finish(replace(event, attempts=event.attempts + 1), settings, "Success", done)
        else:
            self._failed(event, settings, done)

    def _failed(self, event: FunctionEvent, settings: Mapping[str, Any], done: Invocation) -> None:
        tried = replace(event, attempts=event.attempts + 1)
        if tried.attempts <= settings.get("MaximumRetryAttempts", len(_DELAYS)):
            self._later(tried, _DELAYS[min(tried.attempts, len(_DELAYS)) - 1])
        else:
            self._fail(tried, settings, "RetriesExhausted", done)

    def _later(self, event: FunctionEvent, delay: float) -> None:
        waiting = replace(event, due=self._clock.now() + delay)
        self._store.put(waiting)
        self._set(waiting)

    def _fail(
        self, event: FunctionEvent, settings: Mapping[str, Any], condition: str, done: Invocation | None
    ) -> None:
        target = settings.get("DeadLetterConfig", {}).get("TargetArn")
        if target:
            self._guarded(event, lambda: self._dead_letter(event, target, done))
        self._finish(event, settings, condition, done)

    def _finish(
        self, event: FunctionEvent, settings: Mapping[str, Any], condition: str, done: Invocation | None
    ) -> None:
        which = "OnSuccess" if condition == "Success" else "OnFailure"
        target = settings.get("DestinationConfig", {}).get(which, {}).get("Destination")
        if target:
            record = self._record(event, condition, done)
            self._guarded(event, lambda: self._send(event, target, record))
        self._store.drop(event.id)

    def _record(self, event: FunctionEvent, condition: str, done: Invocation | None) -> dict[str, Any]:
        version = done.version if done is not None else "$LATEST"
        moment = datetime.fromtimestamp(self._clock.now(), tz=timezone.utc)
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
            "requestContext": {
                "requestId": event.id,
                "functionArn": f"{_bare(event.arn)}:{version}",
                "condition": condition,
                "approximateInvokeCount": event.attempts,
            },
            "requestPayload": event.payload,
        }
        if done is not None:
            context: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
            if done.error is not None:
                context["functionError"] = done.error
            record |= {"responseContext": context, "responsePayload": done.payload}
        return record

    def _send(self, event: FunctionEvent, target: str, record: Mapping[str, Any]) -> None:
        arn = Arn.parse(target)
        text = json.dumps(record)
        if arn.service == "sqs":
            self._call(arn, "sqs", "SendMessage", {"QueueUrl": _queue_url(arn), "MessageBody": text})
        elif arn.service == "sns":
            self._call(arn, "sns", "Publish", {"TopicArn": target, "Message": text})
        elif arn.service == "lambda" and _chain(record) > _LONGEST_CHAIN:
            _log.warning(
                "%s and its destinations call each other: stopped after %d", event.arn, _LONGEST_CHAIN
            )
        elif arn.service == "lambda":
            self.submit(target, record, caller_account=Arn.parse(event.arn).account)
        else:
            what = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
            entry = {
                "Source": "lambda",
                "DetailType": f"Lambda Function Invocation Result - {what}",
                "Detail": text,
                "EventBusName": target,
                "Resources": [target, record["requestContext"]["functionArn"]],
            }
            self._call(arn, "events", "PutEvents", {"Entries": [entry]})

    def _dead_letter(self, event: FunctionEvent, target: str, done: Invocation | None) -> None:
        arn = Arn.parse(target)
        told = done.payload if done is not None and isinstance(done.payload, Mapping) else {}
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": event.id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {
                "DataType": "String",
                "StringValue": str(told.get("errorMessage") or "too old")[:1024],
            },
        }
        text = json.dumps(event.payload)
        if arn.service == "sqs":
            params = {"QueueUrl": _queue_url(arn), "MessageBody": text, "MessageAttributes": attributes}
            self._call(arn, "sqs", "SendMessage", params)
        else:
            params = {"TopicArn": target, "Message": text, "MessageAttributes": attributes}
            self._call(arn, "sns", "Publish", params)

    def _settings(self, event: FunctionEvent) -> dict[str, Any]:
        """What is set for a function's asynchronous invocations, and its dead-letter queue."""
        arn = Arn.parse(event.arn)
        _, name, *qualifier = arn.resource.split(":")
        named = {"FunctionName": name, **({"Qualifier": qualifier[0]} if qualifier else {})}
        found: dict[str, Any] = {}
        for operation in ("GetFunctionConfiguration", "GetFunctionEventInvokeConfig"):
            try:
                found |= self._call(arn, "lambda", operation, named)
            except DomainError as error:
                if error.status != 404:
                    raise
        return found

    def _stopped(self, event: FunctionEvent) -> bool:
        """Whether nobody is let in: its reserved concurrency is zero."""
        arn = Arn.parse(event.arn)
        named = {"FunctionName": arn.resource.split(":")[1]}
        found = self._call(arn, "lambda", "GetFunctionConcurrency", named)
        return found.get("ReservedConcurrentExecutions") == 0

    def _call(self, arn: Arn, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._peers.call(service, operation, params, account=arn.account, region=arn.region)

    def _guarded(self, event: FunctionEvent, send: Callable[[], None]) -> None:
        try:
            send()
        except (
            DomainError,
            ValueError,
        ) as error:  # Lambda counts it in DestinationDeliveryFailures and goes on
            _log.warning("%s: what came of an event could not be sent: %s", event.arn, error)


def _chain(record: Any) -> int:
    """Over how many destinations an event came: each record has the one before as its payload."""
    length = 0
    while isinstance(record, Mapping) and {"requestContext", "requestPayload"} <= set(record):
        length, record = length + 1, record["requestPayload"]
    return length


def _queue_url(arn: Arn) -> str:
    return f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"


def _bare(arn: str) -> str:
    return ":".join(arn.split(":")[:7])

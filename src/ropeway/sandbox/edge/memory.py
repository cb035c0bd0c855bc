"""Answers that the sandbox gave itself, kept until something of the service changes.

Deliveries and invocations ask the same few things again and again: what a function is, what its policy, a role or a
queue's policy says. An answer holds as long as no call has changed its service since before it was asked for, so what
is remembered is never older than the last change that was answered. Traffic (messages, log lines, invocations) is no
change. Errors are remembered too: most functions have no policy of this or that kind.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError

__all__ = ["Memory"]

_MOST = 2000
_TRAFFIC = re.compile(
    r"(Get|List|Describe|Head|Simulate)|(Send|Receive|Delete|Change)Message|PurgeQueue|Invoke|Publish(Batch)?$|"
    r"PutLogEvents|CreateLog(Group|Stream)"
)
_REMEMBERED = {
    "iam": {
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListRolePolicies",
    },
    "kms": {"DescribeKey", "GetKeyPolicy"},
    "lambda": {
        "GetAlias",
        "GetFunctionConcurrency",
        "GetFunctionConfiguration",
        "GetFunctionEventInvokeConfig",
        "GetLayerVersion",
        "GetPolicy",
    },
    "logs": {"DescribeResourcePolicies"},
    "sns": {"GetTopicAttributes"},
    "sqs": {"GetQueueUrl"},
}
_LASTING = {"Policy", "KmsMasterKeyId"}  # attributes of queues that no traffic changes

Answer = dict[str, Any]


class Memory:
    """What services answered, by who was asked: the edge, or moto alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes: Counter[str] = Counter()
        self._known: dict[tuple[str, ...], tuple[int, Answer | DomainError]] = {}

    def changed(self, service: str, operation: str) -> None:
        """A call was answered: what is remembered of its service may be wrong, unless it only read."""
        if _TRAFFIC.match(operation) is None:
            with self._lock:
                self._changes[service] += 1

    def recall(
        self,
        place: tuple[str, str, str],
        call: tuple[str, str, Mapping[str, Any]],
        ask: Callable[[], Answer],
    ) -> Answer:
        """The answer to a call, remembered or asked for.

        Args:
            place: who is asked, the account and the region.
            call: service, operation and parameters.
            ask: makes the call.

        Raises:
            DomainError: the call's.
        """
        service, operation, params = call
        if not _lasts(service, operation, params):
            return ask()
        key = (*place, service, operation, json.dumps(params, sort_keys=True, default=str))
        with self._lock:
            change = self._changes[service]
            known = self._known.get(key)
        if known is None or known[0] != change:
            known = (change, _asked(ask))
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[key] = known
        answer = known[1]
        if isinstance(answer, DomainError):
            raise DomainError(answer.message, code=answer.code, status=answer.status, fields=answer.fields)
        return copy.deepcopy(answer)


def _asked(ask: Callable[[], Answer]) -> Answer | DomainError:
    try:
        return ask()
    except DomainError as error:
        if error.status >= 500:  # tells of a moment, not of the service's state
            raise
        return error


def _lasts(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    if (service, operation) == ("sqs", "GetQueueAttributes"):
        return set(params.get("AttributeNames", ["All"])) <= _LASTING
    return operation in _REMEMBERED.get(service, ())

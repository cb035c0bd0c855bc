"""Policies of queues: moto forgets one when any other attribute is set, so it is put into that request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.operations.wire import Request

__all__ = ["with_policy"]


def with_policy(request: Request, ask: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Request:
    """SetQueueAttributes with the policy that the queue has, unless it sets another.

    Args:
        request: as it came.
        ask: GetQueueAttributes.
    """
    try:
        document = json.loads(request.body())
    except ValueError:  # the query protocol's form
        return request
    attributes = document.get("Attributes") if isinstance(document, Mapping) else None
    if not isinstance(attributes, Mapping) or "Policy" in attributes:
        return request
    try:
        told = ask({"QueueUrl": document.get("QueueUrl"), "AttributeNames": ["Policy"]})
    except DomainError:  # moto says why
        return request
    policy = told.get("Attributes", {}).get("Policy")
    if not policy:
        return request
    return request.with_body(
        json.dumps({**document, "Attributes": {**attributes, "Policy": policy}}).encode()
    )

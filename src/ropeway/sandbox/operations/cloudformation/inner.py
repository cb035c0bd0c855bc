"""Calls from inside an operation to other operations, as the same caller: ours directly, others through moto."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import lookup

__all__ = ["ask"]


def ask(call: Call, service: str, operation: str, **params: Any) -> dict[str, Any]:
    """One API call.

    Raises:
        DomainError: with the code and the message that the service answers.
    """
    handler = lookup(service, operation)
    if handler is None:
        return call.domain.peers.call(service, operation, params, account=call.account, region=call.region)
    made = replace(call, service=service, operation=operation, params=params, response_headers={})
    return handler(made) or {}

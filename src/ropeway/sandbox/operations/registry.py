"""The table of operations that Ropeway owns.

A duplicate fails at import. A name that the service model lacks fails ``tests/guards/test_operations.py``: reading the
models of all services would take a tenth of the server's start, and most servers are never asked for most of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ropeway.sandbox.operations.call import Call

__all__ = ["Handler", "lookup", "operation", "owned", "services"]

Handler = Callable[[Call], "dict[str, Any] | None"]

_handlers: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register a function as the implementation of one operation.

    Args:
        service: botocore's service name.
        name: the operation's name in the service model.

    Raises:
        LookupError: it is registered already.
    """

    def register(handler: Handler) -> Handler:
        if (service, name) in _handlers:
            raise LookupError(f"{service} {name} is registered twice")
        _handlers[service, name] = handler
        return handler

    return register


def lookup(service: str, name: str) -> Handler | None:
    """The implementation of an operation, or None where Ropeway does not own it."""
    return _handlers.get((service, name))


def owned(service: str) -> list[str]:
    """The names of a service's operations that Ropeway owns, sorted."""
    return sorted(name for registered, name in _handlers if registered == service)


def services() -> set[str]:
    """The services with operations that Ropeway owns."""
    return {service for service, _ in _handlers}

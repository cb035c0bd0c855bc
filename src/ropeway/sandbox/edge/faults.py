"""Errors that only the edge can raise; everything else comes from the domain with its AWS code."""

from __future__ import annotations

from ropeway.sandbox.domain.errors import DomainError, NotThere

__all__ = ["crashed", "no_such_operation", "not_there"]


def not_there(service: str, operation: str) -> NotThere:
    """An operation that exists at AWS and that nobody implements here."""
    return NotThere(
        f"The sandbox does not implement {service} {operation}. See docs/reference/conformance.md."
    )


def no_such_operation(service: str, operation: str) -> DomainError:
    """An operation that AWS does not have either."""
    return DomainError(
        f"{service} has no operation {operation}.", code="UnknownOperationException", status=400
    )


def crashed(service: str, operation: str, error: BaseException) -> DomainError:
    """A fault of the sandbox itself; the log has the traceback."""
    return DomainError(
        f"The sandbox failed in {service} {operation}: {type(error).__name__}: {error}. "
        "The traceback is in `ropeway sandbox logs`.",
        code="InternalFailure",
        status=500,
    )

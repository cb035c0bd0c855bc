"""What Step Functions refuses, in its codes and words."""

from __future__ import annotations

from ropeway.sandbox.domain.errors import DomainError

__all__ = ["no_execution", "no_machine", "refused"]


def refused(code: str, message: str) -> DomainError:
    """An error of Step Functions."""
    return DomainError(message, code=code, status=400)


def no_machine(arn: str) -> DomainError:
    """There is no such machine."""
    return refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def no_execution(arn: str) -> DomainError:
    """There is no such execution."""
    return refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")

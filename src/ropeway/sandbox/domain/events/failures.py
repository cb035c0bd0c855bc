"""Why a target did not get what was for it, by EventBridge's error codes (user guide, "dead-letter queues")."""

from __future__ import annotations

from ropeway.sandbox.domain.errors import DomainError

__all__ = ["Undeliverable", "failure_of"]

_DENIED = ("AccessDenied", "NotAuthorized", "Unauthorized", "AuthorizationError", "KMSAccessDenied")
_MISSING = ("NotFound", "NonExistent", "DoesNotExist", "NoSuch", "QueueDoesNotExist")
_BUSY = ("Throttl", "TooManyRequests", "RateExceeded", "ServiceUnavailable")


class Undeliverable(Exception):  # noqa: N818 - a state of a delivery, told by what it is
    """One try failed.

    Attributes:
        code: EventBridge's ERROR_CODE.
        message: what the target, or the sandbox, said.
        again: another try may help.
    """

    def __init__(self, code: str, message: str, *, again: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.again = again


def failure_of(error: DomainError) -> Undeliverable:
    """What a target's error means for its delivery."""
    if any(word in error.code for word in _DENIED):
        return Undeliverable("NO_PERMISSIONS", error.message)
    if (
        any(word in error.code for word in _MISSING)
        or error.status == 404
        or "does not exist" in error.message
    ):
        return Undeliverable("NO_RESOURCE", error.message)
    if any(word in error.code for word in _BUSY) or error.status in {429, 503}:
        return Undeliverable("THROTTLING", error.message, again=True)
    if "LimitExceeded" in error.code:
        return Undeliverable("RESOURCE_LIMIT_EXCEEDED", error.message, again=True)
    if error.status == 501:
        return Undeliverable("SDK_CLIENT_ERROR", error.message)
    if error.status < 500:
        return Undeliverable("INVALID_PARAMETER", f"{error.code}: {error.message}")
    return Undeliverable("ERROR_FROM_TARGET", error.message, again=True)

"""What the domain refuses, with the message AWS gives.

    DomainError            code and HTTP status of the AWS error; the edge only has to write it down
    ├── Invalid            ValidationException 400
    ├── NotFound           ResourceNotFound 400
    ├── Conflict           ConflictException 400
    ├── InUse              ResourceInUse 400
    ├── LimitExceeded      ResourceLimitExceeded 400
    ├── Denied             AccessDeniedException 403
    └── NotThere           NotImplementedException 501: the sandbox does not have it, and says so

A service that spells a code differently (S3's ``NoSuchKey``) passes ``code`` and ``status``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Conflict", "Denied", "DomainError", "InUse", "Invalid", "LimitExceeded", "NotFound", "NotThere"]


class DomainError(Exception):
    """An AWS error answer.

    Attributes:
        message: AWS's text.
        code: AWS's error code.
        status: the HTTP status.
        fields: further members of the error's body (S3 names the bucket, the key, …).
        headers: further headers of the answer (S3 tells of delete markers there).
    """

    code = "InternalFailure"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status


class Invalid(DomainError):
    """The input is well-formed but wrong."""

    code = "ValidationException"
    status = 400


class NotFound(DomainError):
    """The named resource does not exist."""

    code = "ResourceNotFound"
    status = 400


class Conflict(DomainError):
    """The change contradicts the resource's state."""

    code = "ConflictException"
    status = 400


class InUse(DomainError):
    """The name is taken, or the resource is needed by another."""

    code = "ResourceInUse"
    status = 400


class LimitExceeded(DomainError):
    """A quota is used up."""

    code = "ResourceLimitExceeded"
    status = 400


class Denied(DomainError):
    """The caller may not."""

    code = "AccessDeniedException"
    status = 403


class NotThere(DomainError):
    """The sandbox does not have this; nothing was done."""

    code = "NotImplementedException"
    status = 501

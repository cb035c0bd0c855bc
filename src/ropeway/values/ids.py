"""Random names as an argument: AWS-shaped ids from one source that tests can fix."""

from __future__ import annotations

import secrets
import string
import uuid
from typing import Protocol

__all__ = ["Ids", "RandomIds"]

_ALPHABET = string.ascii_lowercase + string.digits


class Ids(Protocol):
    """Makes ids."""

    def token(self, length: int) -> str:
        """Lower-case letters and digits, as in the last part of an execution ARN."""

    def uuid(self) -> str:
        """A random UUID in its usual spelling."""


class RandomIds:
    """Ids from the operating system's randomness."""

    def token(self, length: int) -> str:
        """Lower-case letters and digits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(length))

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.uuid4())

"""Credentials: which account and principal stand behind an access key.

Keys that the sandbox issues (AssumeRole, and every job's own) are sessions, kept with their expiry; keys that IAM
made (``CreateAccessKey``) are their user's. Besides those, a key id of twelve digits is that account's root; any
other long-term key is the default account's root, as trial keys like ``test`` are. Secrets are not checked: the
sandbox is on loopback and guards nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ropeway.sandbox.domain.caller import ANONYMOUS, Caller
from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["AccessKeys", "Session", "SessionStore", "Sessions"]

DEFAULT_ACCOUNT = "111111111111"


@dataclass(frozen=True)
class Session:
    """Temporary credentials of an assumed role.

    Attributes:
        expires: seconds since 1970-01-01 UTC.
    """

    access_key: str
    secret_key: str
    token: str
    account: str
    role_arn: str
    name: str
    role_id: str
    expires: float

    @property
    def arn(self) -> str:
        """The principal, as GetCallerIdentity tells it."""
        role = Arn.parse(self.role_arn).name.rpartition("/")[2]
        return f"arn:aws:sts::{self.account}:assumed-role/{role}/{self.name}"


class SessionStore(Protocol):
    """Keeps sessions."""

    def add(self, session: Session) -> None:
        """Keep a new session; those that expired long ago may go."""

    def get(self, access_key: str) -> Session | None:
        """The session of a key."""


class AccessKeys(Protocol):
    """Long-term keys of IAM's users."""

    def user_of(self, access_key: str) -> Caller | None:
        """The user that a key was made for, or None."""


class Sessions:
    """Issues sessions and tells who a key belongs to.

    Args:
        users: the keys that IAM made; without it every long-term key is an account's root.
    """

    def __init__(self, store: SessionStore, clock: Clock, ids: Ids, users: AccessKeys | None = None) -> None:
        self._store = store
        self._users = users
        self._clock = clock
        self._ids = ids

    def assume(self, role_arn: str, name: str, seconds: int = 3600) -> Session:
        """Issue credentials of a role, which may be in any account.

        Raises:
            Invalid: the ARN is not an IAM role's.
        """
        try:
            arn = Arn.parse(role_arn)
        except ValueError as error:
            raise Invalid(f"{role_arn} is invalid", code="ValidationError") from error
        if arn.service != "iam" or arn.kind != "role" or len(arn.account) != 12:
            raise Invalid(f"{role_arn} is not the ARN of an IAM role", code="ValidationError")
        session = Session(
            access_key=f"ASIA{self._ids.token(16).upper()}",
            secret_key=self._ids.token(40),
            token=self._ids.token(96),
            account=arn.account,
            role_arn=role_arn,
            name=name,
            role_id=f"AROA{_fold(role_arn)}",
            expires=self._clock.now() + seconds,
        )
        self._store.add(session)
        return session

    def caller(self, access_key: str) -> Caller:
        """Who signs with this key.

        Raises:
            DomainError: the key is a temporary one that was never issued here, or has expired.
        """
        if not access_key:
            return ANONYMOUS
        if access_key.startswith("ASIA"):
            return self._session_caller(access_key)
        user = self._users.user_of(access_key) if self._users and access_key.startswith("AKIA") else None
        if user is not None:
            return user
        account = access_key if len(access_key) == 12 and access_key.isdigit() else DEFAULT_ACCOUNT
        return Caller(account, f"arn:aws:iam::{account}:root", account, access_key)

    def _session_caller(self, access_key: str) -> Caller:
        session = self._store.get(access_key)
        if session is None:
            raise DomainError(
                f"The security token included in the request is invalid: the sandbox did not issue {access_key}. "
                'Run eval "$(ropeway sandbox env)" for fresh keys.',
                code="UnrecognizedClientException",
                status=403,
            )
        if session.expires <= self._clock.now():
            raise DomainError(
                "The security token included in the request is expired",
                code="ExpiredTokenException",
                status=403,
            )
        return Caller(session.account, session.arn, f"{session.role_id}:{session.name}", access_key)


def _fold(text: str) -> str:
    """A stable 17-character id of a role, so that the same role always has the same one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    number = int.from_bytes(text.encode(), "big") % (32**17)
    letters = []
    for _ in range(17):
        number, index = divmod(number, 32)
        letters.append(alphabet[index])
    return "".join(letters)

"""Who calls: the account and principal behind a request's credentials."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANONYMOUS", "Caller"]


@dataclass(frozen=True)
class Caller:
    """A principal.

    Attributes:
        account: twelve digits; empty for an anonymous caller.
        arn: the principal as GetCallerIdentity tells it
            (``arn:aws:sts::1…:assumed-role/Role/session``, ``arn:aws:iam::1…:user/name``, ``arn:aws:iam::1…:root``).
        user_id: the principal's unique id.
        access_key: the key id that signed the request; empty for an anonymous caller.
    """

    account: str
    arn: str
    user_id: str
    access_key: str

    @property
    def anonymous(self) -> bool:
        """No credentials were sent."""
        return not self.access_key

    @property
    def role_arn(self) -> str | None:
        """The IAM role behind an assumed-role session, or None."""
        prefix = f"arn:aws:sts::{self.account}:assumed-role/"
        if not self.arn.startswith(prefix):
            return None
        role = self.arn[len(prefix) :].rpartition("/")[0]
        return f"arn:aws:iam::{self.account}:role/{role}"

    @property
    def acting(self) -> str:
        """The caller as a role's ARN where it is one, else as its account: for what is done on its behalf."""
        return self.role_arn or self.account


ANONYMOUS = Caller(account="", arn="", user_id="", access_key="")

"""Who acts in a root's account: the role that bootstrap made there for the purpose, checked before anything is done.

The caller takes the plan role to look and the apply role to change. In CI the forge's token has already given that
role, which is then used as it is. Whatever the credentials are: if they are another account's than the one that
``ropeway.yaml`` names, nothing is begun.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from ropeway.errors import AwsError, RopewayError, UsageError
from ropeway.infra.roots import Root

__all__ = ["Doors", "admit"]

S = TypeVar("S")
_REFUSED = {"AccessDenied", "AccessDeniedException", "NoSuchEntity"}


class Doors(Protocol[S]):
    """Sessions, as ``ropeway.aws`` makes them."""

    def base(self, root: Root) -> S:
        """The caller's own session."""

    def caller(self, session: S) -> tuple[str, str]:
        """Account and ARN of a session."""

    def in_role(self, session: S, arn: str, region: str) -> S:
        """A session of a role."""


def admit(root: Root, purpose: str, doors: Doors[S], *, partition: str, own: bool) -> S:
    """A session in a root's account.

    Args:
        root: whose.
        purpose: ``plan`` or ``apply``: the role's last word.
        doors: makes sessions.
        partition: of the region, ``aws`` mostly.
        own: use the credentials at hand, and take no role.

    Raises:
        UsageError: the credentials are another account's.
        AwsError: they have expired, or are none.
        RopewayError: the role lets the caller not in, or is not there.
    """
    site = root.site
    session = doors.base(root)
    account, arn = doors.caller(session)
    role = site.names.name("role", purpose)
    if not own and not (account == site.account and f":assumed-role/{role}/" in arn):
        wanted = f"arn:{partition}:iam::{site.account}:role/{role}"
        try:
            session = doors.in_role(session, wanted, site.region)
        except AwsError as error:
            if error.code not in _REFUSED:
                raise
            prepare = f"ropeway bootstrap {site.environment_name} --unit {site.unit_name}"
            raise RopewayError(
                f"{root.name}: {arn} may not take the role {wanted}: {error}",
                hint=f"{prepare} makes it; --no-role acts with the credentials at hand",
            ) from error
        account, arn = doors.caller(session)
    if account != site.account:
        raise UsageError(
            f"{root.name} is account {site.account}, and the credentials are of {account} ({arn}); nothing was done",
            hint="choose other credentials (--profile), or correct the account in ropeway.yaml",
        )
    return session

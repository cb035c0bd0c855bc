"""Sessions for the roots: on AWS from one set of credentials, on the sandbox from each account's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropeway.aws import session as sessions
from ropeway.aws.access import caller
from ropeway.cli.app import App

if TYPE_CHECKING:
    from ropeway.aws.session import Session
    from ropeway.infra.roots import Root

__all__ = ["CliDoors"]


class CliDoors:
    """The target that the command line chose; it is told once."""

    def __init__(self, app: App, roots: list[Root]) -> None:
        self._endpoint: str | None = None
        if app.target == "sandbox":
            self._endpoint = app.sandbox_endpoint()
            accounts = ", ".join(f"{root.name} {root.site.account}" for root in roots)
            app.output.progress(f"target: sandbox {self._endpoint} ({accounts})")
        else:
            if app.region is None:
                app.choose("region", roots[0].site.region)
            self._base = app.session

    def base(self, root: Root) -> Session:
        """The caller's own session."""
        if self._endpoint is None:
            return self._base
        return sessions.on_sandbox(self._endpoint, root.site.account, root.site.region)

    def caller(self, session: Session) -> tuple[str, str]:
        """Account and ARN of a session."""
        return caller(session)

    def in_role(self, session: Session, arn: str, region: str) -> Session:
        """A session of a role."""
        return sessions.in_role(session, arn, region)

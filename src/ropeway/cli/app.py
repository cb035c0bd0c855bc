"""What a command has at hand: the chosen target, its session, and the output.

The target rule: everything acts on the project's sandbox, which is started when needed, unless ``--on aws`` or
``ROPEWAY_TARGET=aws`` says otherwise; each command tells its target on stderr before it acts.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

import click

from ropeway.cli.output import Output
from ropeway.errors import UsageError

if TYPE_CHECKING:
    from ropeway.aws.session import Session

__all__ = ["DEFAULT_ACCOUNT", "DEFAULT_REGION", "App", "misleading", "pass_app"]

DEFAULT_ACCOUNT = "111111111111"
DEFAULT_REGION = "eu-west-1"


class App:
    """One run of the command line."""

    def __init__(self) -> None:
        self.output = Output()
        self._chosen: dict[str, str] = {}

    def choose(self, name: str, value: str) -> None:
        """Take a global option's value."""
        if name == "output":
            self.output.form = value
        self._chosen[name] = value

    @property
    def target(self) -> str:
        """``sandbox`` or ``aws``.

        Raises:
            UsageError: ROPEWAY_TARGET is neither.
        """
        target = self._chosen.get("on") or os.environ.get("ROPEWAY_TARGET") or "sandbox"
        if target not in {"sandbox", "aws"}:
            raise UsageError(f"ROPEWAY_TARGET is {target!r}", hint="set it to sandbox or aws, or unset it")
        return target

    @property
    def account(self) -> str | None:
        """The account that was asked for."""
        return self._chosen.get("account")

    @property
    def region(self) -> str | None:
        """The region that was asked for."""
        return (
            self._chosen.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        )

    @cached_property
    def session(self) -> Session:
        """Clients of the target, which is told on stderr.

        Raises:
            SandboxError: the sandbox cannot be started.
            AwsError: there are no credentials, or they are another account's.
        """
        if self.target == "aws":
            from ropeway.aws import session

            found = session.on_aws(self._chosen.get("profile"), self.region, self.account)
        else:
            found = self.sandbox_session()
        self.output.progress(f"target: {found.description}")
        return found

    def use(self, session: Session) -> None:
        """Act on this session, whatever was chosen."""
        self.__dict__["session"] = session  # where cached_property keeps its value

    def sandbox_session(self, *, hours: int = 1) -> Session:
        """Clients of the sandbox, whatever the target is; it is started when it does not run."""
        endpoint = self.sandbox_endpoint()
        from ropeway.aws import session

        return session.on_sandbox(
            endpoint,
            self.account or DEFAULT_ACCOUNT,
            self.region or DEFAULT_REGION,
            seconds=hours * 3600,
        )

    def sandbox_endpoint(self) -> str:
        """The address of the session's sandbox, else of the project's, which is started when needed.

        Raises:
            UsageError: ROPEWAY_SANDBOX_URL is no address.
            SandboxError: the sandbox cannot be started.
        """
        from ropeway.cli import process

        used: Session | None = self.__dict__.get("session")
        if used is not None and used.endpoint:
            return used.endpoint
        endpoint = os.environ.get("ROPEWAY_SANDBOX_URL")
        if endpoint:
            return _address(endpoint)
        state = process.state_folder()
        running = process.find(state)
        if running is None:
            self.output.progress("starting the sandbox")
            running = process.start(state, meanwhile=_load_clients)
            if running.note:
                self.output.progress(running.note)
        return running.endpoint

    def warn_of_another(self, endpoint: str) -> None:
        """Tell when commands of this shell act on another sandbox than the project's, which listens there."""
        told = os.environ.get("ROPEWAY_SANDBOX_URL")
        if told and told.rstrip("/") != endpoint:
            self.output.progress(
                f"warning: ROPEWAY_SANDBOX_URL names {told}, where commands of this shell act;"
                " unset it for this folder's"
            )

    def adopt(self) -> Session:
        """The session, with this process's environment pointed at it: the user's own code acts there, too."""
        found = self.session
        os.environ.update(found.environment())
        if found.kind == "sandbox":
            for name in misleading():
                del os.environ[name]
            os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        return found


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://([^\s/?#@\[\]:]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?/*", text):
        raise UsageError(
            f"ROPEWAY_SANDBOX_URL is {text!r}",
            hint="set it to a sandbox's address, such as http://127.0.0.1:4566, or unset it",
        )
    return text.rstrip("/")


def _load_clients() -> None:
    """Import what acts on a sandbox, which takes as long as a good part of its start."""
    import ropeway.aws.session  # noqa: F401


def misleading() -> list[str]:
    """Variables of the environment that would lead an AWS tool away from the sandbox."""
    return [name for name in os.environ if name == "AWS_PROFILE" or name.startswith("AWS_ENDPOINT_URL_")]


pass_app = click.make_pass_decorator(App)

"""From a command line to roots that can be worked on: the same options, checks and folders for every command."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App

if TYPE_CHECKING:
    from types import FrameType

    from ropeway.aws.session import Session
    from ropeway.cli.infra.board import Board
    from ropeway.config.model import Platform
    from ropeway.infra.roots import Root
    from ropeway.infra.schedule import Outcome
    from ropeway.usecases.infra import Fleet, Read

__all__ = [
    "Narrowed",
    "access",
    "conclude",
    "interruptible",
    "narrowing",
    "open_fleet",
    "open_sessions",
    "tuning",
]

_FOLDER = "infra"


class Narrowed:
    """What ``--file``, ``--unit``, ``--env`` and ``--stacks`` say.

    Attributes:
        file: the platform's description.
        stacks: the folder with ``stacks`` and ``modules``; Ropeway's own when None.
        own: act with the credentials at hand.
        parallel: how many roots at the same time.
        together: let environments not wait for each other.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        self.file: Path = given["file"]
        self.unit: str | None = given["unit"]
        self.env: str | None = given["env"]
        self.stacks: Path | None = given.get("stacks")
        self.own: bool = given.get("no_role", False)
        self.parallel: int = given.get("parallel", 4)
        self.together: bool = given.get("together", False)

    def platform(self) -> Platform:
        """The platform that the file describes."""
        from ropeway.config.load import load

        return load(self.file)

    def templates(self, root: Root) -> dict[str, bytes]:
        """The templates of a root's products, by where they are put."""
        from ropeway.config.automation_vars import templates

        beside = self.file.parent
        return {place: (beside / file).read_bytes() for place, file in templates(root.site)}

    def roots(self, platform: Platform) -> list[Root]:
        """The roots that are meant, in order."""
        from ropeway.infra.roots import select

        return select(platform, self.unit, self.env, together=self.together)


def narrowing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which roots."""
    for option in (
        click.option(
            "--file", default="ropeway.yaml", type=click.Path(path_type=Path), help="The platform's description."
        ),
        click.option("--env", help="Only this environment; operations is one, too."),
        click.option("--unit", help="Only this unit."),
    ):  # fmt: skip
        command = option(command)
    return command


def access(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that says as whom."""
    return click.option(
        "--no-role", is_flag=True, help="Act with the credentials at hand; take no role of the account."
    )(command)


def tuning(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say how."""
    for option in (
        click.option("--parallel", type=click.IntRange(1), default=4, help="Roots at the same time; 4 by default."),
        click.option(
            "--stacks", type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="A folder with stacks/ and modules/ of your own, instead of Ropeway's.",
        ),
    ):  # fmt: skip
        command = option(command)
    return access(command)


def open_fleet(
    app: App,
    narrowed: Narrowed,
    purpose: str,
    board: Board,
    stop: threading.Event,
    folder: Path | None = None,
) -> tuple[Fleet, dict[str, Session]]:
    """Check access to every account, write every folder, and hand all of it over, with each account's session.

    Args:
        app: the command line's.
        narrowed: which roots.
        purpose: ``plan`` to look, ``apply`` to change.
        board: shows what goes on.
        stop: is set by an interrupt.
        folder: where Terraform works; the project's ``.ropeway/infra`` by default.

    Raises:
        RopewayError: no Terraform, no access, or another account's credentials; nothing was done then.
    """
    from ropeway import assets
    from ropeway.cli.process import state_folder
    from ropeway.config.regions import known_regions
    from ropeway.config.tfvars import tfvars
    from ropeway.infra import program, terraform, working
    from ropeway.infra.backend import backend as backend_of
    from ropeway.infra.tool import Tool
    from ropeway.usecases.infra import Fleet, Post

    platform = narrowed.platform()
    roots = narrowed.roots(platform)
    found = program.find(os.environ)
    source = narrowed.stacks or assets.terraform()
    partitions = known_regions()
    sessions = _sessions(app, roots, purpose, narrowed.own, partitions)
    folder = folder or state_folder().parent / _FOLDER
    _hold(roots, folder)
    environ = terraform.environment(os.environ, folder / ".terraform")
    posts = {}
    for root in roots:
        session, sandbox = sessions[root.name], app.target == "sandbox"
        partition = partitions.get(root.site.region, "aws")
        backend = backend_of(root, partition=partition, sandbox=sandbox)
        given = tfvars(platform, root.site.unit_name, root.site.environment_name)
        place = working.write(
            folder / root.name, source, root.stack, backend, given, narrowed.templates(root)
        )
        env = terraform.acting(environ, session.environment(), sandbox=sandbox)
        watch = board.watcher(root.name)
        tool = Tool(found, root, place, env, watch, stop, folder / ".terraform")
        posts[root.name] = Post(root, place, tool, _reader(session, root, backend["bucket"]))
    return Fleet(posts, app.target, found.told, stop, narrowed.parallel, board.draw), sessions


def _hold(roots: list[Root], folder: Path) -> None:
    """Keep others out of the roots' folders until the command ends: what one shows another must not replace.

    Raises:
        RopewayError: somebody is in one.
    """
    from ropeway.errors import RopewayError

    context = click.get_current_context(silent=True)
    if context is None:  # no command, so nobody shows and asks
        return
    for root in roots:
        file = folder / root.name / "busy"
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("w")
        context.call_on_close(handle.close)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RopewayError(
                f"{root.name}: another ropeway infra works in {file.parent}", hint="wait until it has ended"
            ) from error


def open_sessions(app: App, narrowed: Narrowed, purpose: str) -> dict[str, tuple[Root, Read]]:
    """The roots, and what reads their state buckets, without any Terraform."""
    from ropeway.config.regions import known_regions

    roots = narrowed.roots(narrowed.platform())
    sessions = _sessions(app, roots, purpose, narrowed.own, known_regions())
    return {
        root.name: (root, _reader(sessions[root.name], root, root.site.names.name("bucket", "tfstate")))
        for root in roots
    }


def _sessions(
    app: App, roots: list[Root], purpose: str, own: bool, partitions: Mapping[str, str]
) -> dict[str, Session]:
    from ropeway.cli.infra.doors import CliDoors
    from ropeway.errors import UsageError
    from ropeway.usecases.infra_access import admit

    for root in roots:
        if app.account not in {None, root.site.account}:
            raise UsageError(
                f"--account is {app.account}, and {root.name} is {root.site.account}",
                hint="leave --account out: ropeway.yaml names the accounts; --env narrows them",
            )
    doors = CliDoors(app, roots)
    return {
        root.name: admit(root, purpose, doors, partition=partitions.get(root.site.region, "aws"), own=own)
        for root in roots
    }


def _reader(session: Session, root: Root, bucket: str) -> Read:
    from ropeway.aws.access import document
    from ropeway.errors import AwsError, RopewayError

    def read(key: str) -> dict[str, Any] | None:
        try:
            return document(session, bucket, key)
        except AwsError as error:
            if error.code != "NoSuchBucket":
                raise
            site = root.site
            raise RopewayError(
                f"{root.name}: account {site.account} is not prepared: there is no bucket {bucket!r}",
                hint=f"ropeway bootstrap {site.environment_name} --unit {site.unit_name}",
            ) from error

    return read


@contextlib.contextmanager
def interruptible(app: App, stop: threading.Event | None = None) -> Iterator[threading.Event]:
    """Ctrl-C, or the signal by which CI ends a job, sets an event: Terraform ends its work, and nothing more begins."""
    stop = stop or threading.Event()

    def interrupt(_: int, __: FrameType | None) -> None:
        again = stop.is_set()
        stop.set()
        app.output.progress(
            "Terraform is ending what it has begun, and then writes the state: please wait"
            if again
            else "interrupted: Terraform ends what it has begun; nothing more is started"
        )

    if threading.current_thread() is not threading.main_thread():  # a test's thread has no signals
        yield stop
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def conclude(
    context: click.Context,
    app: App,
    stop: threading.Event,
    outcomes: Sequence[Outcome[Any]],
    *,
    code: int = 0,
) -> None:
    """Tell what failed, and end: with 130 when interrupted, else 1 for a failure, else ``code``.

    Raises:
        InfraError: something failed.
    """
    from ropeway.infra.failures import InfraError
    from ropeway.usecases.infra import refuse_failures

    try:
        refuse_failures(outcomes)
    except InfraError as error:
        if not stop.is_set():
            raise
        for message, hint in error.told():
            app.output.error(message, hint)
    if stop.is_set():
        code = 130
    if code:
        context.exit(code)

"""The sandbox of a demonstration, and what its stages are shown by."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ropeway.cli import process
from ropeway.cli.app import App
from ropeway.cli.pipeline.tree import duration

if TYPE_CHECKING:
    from ropeway.aws.session import Session
    from ropeway.usecases.demo.stages import Clients, StageReport
    from ropeway.usecases.executions import ExecutionView

__all__ = ["Kept", "clients_of", "folder_of_demo", "follow", "near", "opened", "tell"]

_STOP_SECONDS = 30
_NAME = 10


@dataclass
class Kept:
    """The sandbox, and whether it goes on when the demonstration has ended."""

    running: process.Running
    keep: bool = False


def folder_of_demo(name: str) -> Path:
    """Where a demonstration keeps what it makes: ``.ropeway/demo/NAME``."""
    return process.state_folder().parent / "demo" / name


@contextmanager
def opened(app: App, folder: Path) -> Iterator[Kept]:
    """A sandbox on a folder, stopped at the end unless it is to be kept."""
    began = time.perf_counter()
    kept = Kept(process.start(folder / "sandbox", port=0))
    try:
        _line(app, "sandbox", time.perf_counter() - began, kept.running.endpoint)
        yield kept
    except BaseException:
        kept.keep = False
        raise
    finally:
        if not kept.keep:
            process.stop(kept.running.state)


def clients_of(session: Session) -> Clients:
    """A session's services, as use cases take them."""
    from ropeway.aws.pipelines import ExecutionsClient, PipelinesClient
    from ropeway.aws.registry import RegistryClient
    from ropeway.aws.storage import FunctionsClient, StorageClient
    from ropeway.usecases.demo.stages import Clients

    return Clients(
        pipelines=PipelinesClient.of(session),
        executions=ExecutionsClient.of(session),
        storage=StorageClient.of(session),
        functions=FunctionsClient.of(session),
        registry=RegistryClient.of(session),
    )


def follow(app: App, clients: Clients, arn: str) -> ExecutionView:
    """Show an execution; one that is interrupted is stopped, so that no job of it stays behind."""
    from ropeway.cli.pipeline.following import watch
    from ropeway.pipelines.outline import outline
    from ropeway.usecases.executions import follow as followed

    executions = clients.executions
    try:
        return watch(app, executions, arn, outline(executions.definition(arn)))
    except KeyboardInterrupt:
        app.output.progress("\nstopping")
        executions.stop(arn)
        deadline = time.monotonic() + _STOP_SECONDS
        for view in followed(executions, arn, time.sleep):
            if not view.running or time.monotonic() > deadline:
                break
        raise


def tell(app: App, stage: StageReport) -> None:
    """A stage that is done, in a line."""
    _line(app, stage.name, stage.seconds, stage.detail)


def _line(app: App, name: str, seconds: float, detail: str) -> None:
    app.output.progress(f"✓ {name.ljust(_NAME)} {duration(seconds).rjust(8)}  {detail}")


def near(path: str) -> str:
    """A path, relative where it is below the current folder."""
    here = Path.cwd()
    return os.path.relpath(path, here) if Path(path).is_relative_to(here) else path

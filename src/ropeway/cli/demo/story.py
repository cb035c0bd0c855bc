"""``ropeway demo``: four accounts by Terraform, and a model's life in them.

Every run begins with an empty sandbox, so that it tells the same story.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ropeway.cli import process
from ropeway.cli.app import App
from ropeway.cli.demo.running import folder_of_demo, near, opened, tell
from ropeway.cli.pipeline.tree import duration

if TYPE_CHECKING:
    from ropeway.cli.infra.provisioning import Provisioned

__all__ = ["show"]

_LABEL = 13


@dataclass(frozen=True)
class Demonstration:
    """What ``--output json`` gives."""

    platform: Provisioned
    seconds: float
    endpoint: str
    running: bool
    folder: str


def show(app: App, *, keep: bool) -> None:
    """Run it and print the summary."""
    from ropeway.aws import session as sessions
    from ropeway.cli.app import DEFAULT_ACCOUNT, DEFAULT_REGION
    from ropeway.cli.infra.provisioning import provision
    from ropeway.usecases.demo.stages import Stages

    began = time.perf_counter()
    folder = folder_of_demo("platform")
    if former := process.find(folder / "sandbox"):
        process.stop(former)
    shutil.rmtree(folder, ignore_errors=True)
    app.output.progress(
        "Ropeway makes a platform of four accounts on a sandbox of its own, and runs a model in it."
    )
    with opened(app, folder) as kept:
        app.use(sessions.on_sandbox(kept.running.endpoint, DEFAULT_ACCOUNT, DEFAULT_REGION))
        stages = Stages(lambda stage: tell(app, stage))
        made = provision(app, folder)
        stages.done("provision", f"{sum(made.made.values())} resources in {len(made.accounts)} accounts")
        kept.keep = keep
    told = Demonstration(made, time.perf_counter() - began, kept.running.endpoint, kept.keep, str(folder))
    app.output.data(told, lambda: _summary(told))


def _summary(told: Demonstration) -> str:
    made = told.platform
    rows = [
        ("platform", f"{near(made.file)}: {sum(made.made.values())} resources, made by Terraform"),
        ("accounts", ", ".join(f"{name} {account}" for name, account in made.accounts.items())),
    ]
    lines = [f"  {label.ljust(_LABEL)}{text}" for label, text in rows]
    return "\n".join(
        ["", f"The whole lifecycle ran on this machine in {duration(told.seconds)}.", "", *lines]
    )

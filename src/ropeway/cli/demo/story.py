"""``ropeway demo``: four accounts by Terraform, and a model's life in them.

Every run begins with an empty sandbox, so that it tells the same story.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ropeway.cli import process
from ropeway.cli.app import App
from ropeway.cli.demo.running import clients_of, folder_of_demo, follow, opened, tell

if TYPE_CHECKING:
    from ropeway.cli.infra.provisioning import Provisioned
    from ropeway.config.model import Site
    from ropeway.usecases.demo.month import Account, DayReport, Month
    from ropeway.usecases.demo.stages import Interval, Run

__all__ = ["Demonstration", "account_of", "show"]


@dataclass(frozen=True)
class Demonstration:
    """What ``--output json`` gives.

    Attributes:
        platform: what Terraform made.
        training: of the first version, in dev.
        first: the first version, and its AUC.
        better: the version that drift led to, and what it was compared with, in words.
        days: what happened.
    """

    platform: Provisioned
    training: Run
    first: str
    auc: Interval
    better: str
    comparison: str
    days: tuple[DayReport, ...]
    seconds: float
    endpoint: str
    running: bool
    folder: str


def show(app: App, *, keep: bool) -> None:
    """Run it and print the summary."""
    from ropeway.cli.demo.summary import summary

    folder = folder_of_demo("platform")
    process.stop(folder / "sandbox")
    shutil.rmtree(folder, ignore_errors=True)
    app.output.progress(
        "Ropeway makes a platform of four accounts on a sandbox of its own, and runs a model in it."
    )
    with opened(app, folder) as kept:
        told = _play(app, folder, kept.running.endpoint, keep=keep)
        kept.keep = keep
    app.output.data(told, lambda: summary(told))


def _play(app: App, folder: Path, endpoint: str, *, keep: bool) -> Demonstration:
    from ropeway.aws import session as sessions
    from ropeway.cli.app import DEFAULT_ACCOUNT, DEFAULT_REGION
    from ropeway.cli.demo.summary import day_line
    from ropeway.cli.infra.provisioning import provision
    from ropeway.usecases.demo.month import DAYS
    from ropeway.usecases.demo.stages import Stages, auc_of

    began = time.perf_counter()
    app.use(sessions.on_sandbox(endpoint, DEFAULT_ACCOUNT, DEFAULT_REGION))
    stages = Stages(partial(tell, app))
    made = provision(app, folder)
    stages.done(
        "provision", f"{sum(made.made.values())} resources in {len(made.accounts)} accounts, by Terraform"
    )
    month = _month(app, endpoint, made, folder)
    training = month.train()
    version = month.waiting()
    stages.done(
        "train", f"in dev: {training.steps} steps, {training.execution}; its version waits in operations"
    )
    stages.done("deploy", f"to prod: {', '.join(month.deploy())}")
    days = []

    def live(first: int, last: int) -> None:
        for report in month.days(list(enumerate(DAYS, 1))[first - 1 : last]):
            days.append(report)
            stages.done(f"day {report.day}", day_line(report))

    live(1, 1)
    auc = auc_of(version)
    approved = month.approve(version, "approved by the demonstration")
    stages.done(
        "approve", f"{approved}, AUC {auc.value:.3f} (95 % interval {auc.lower:.3f} to {auc.upper:.3f})"
    )
    drifted = next(at for at, (kind, _) in enumerate(DAYS, 1) if kind == "drifted")
    live(2, drifted)
    candidate = month.waiting()
    comparison = candidate.description or ""
    better = month.approve(candidate, "better than its champion")
    stages.done("approve", f"{better}, {_compared(candidate.metadata)}")
    live(drifted + 1, len(DAYS))
    return Demonstration(
        platform=made,
        training=training,
        first=approved,
        auc=auc,
        better=better,
        comparison=comparison,
        days=tuple(days),
        seconds=time.perf_counter() - began,
        endpoint=endpoint,
        running=keep,
        folder=str(folder),
    )


def _compared(found: Mapping[str, str]) -> str:
    """A version beside its champion, from its metadata."""
    challenger, champion = float(found["auc"]), float(found["champion_auc"])
    return f"{found['comparison']}: AUC {challenger:.3f}, champion {champion:.3f} on the same {found['tested_on']} rows"


def _month(app: App, endpoint: str, made: Provisioned, folder: Path) -> Month:
    from ropeway.cli.demo.world import SandboxWorld
    from ropeway.config.load import load
    from ropeway.config.names import OPERATIONS
    from ropeway.usecases.demo.month import Month

    platform = load(Path(made.file))
    unit = next(iter(platform.units))
    world = SandboxWorld(app)
    world.confirm()
    dev, prod, operations = (
        account_of(endpoint, platform.site(unit, name), platform.site(unit, OPERATIONS), folder)
        for name in ("dev", "prod", OPERATIONS)
    )
    return Month(dev, prod, operations.clients, world, partial(follow, app, dev.clients))


def account_of(endpoint: str, site: Site, operations: Site, folder: Path) -> Account:
    """An account of the platform, with what its pipelines are given; all by the names that Terraform was given."""
    from ropeway import assets
    from ropeway.aws.session import on_sandbox
    from ropeway.usecases.demo.month import Account
    from ropeway.usecases.demo.stages import MODEL, Place

    names, session = site.names, on_sandbox(endpoint, site.account, site.region)
    artifacts = operations.names.name("bucket", "registry")
    role = functions = ""
    bucket = artifacts
    if not site.is_operations:
        role, functions = (
            f"arn:aws:iam::{site.account}:role/{names.name('role', each)}"
            for each in ("pipeline", "functions")
        )
        bucket = names.name("bucket", "data")
    place = Place(
        region=site.region,
        role=role,
        bucket=bucket,
        examples=assets.examples(),
        folder=folder,
        lambda_role=functions,
        artifacts=artifacts,
        group=f"arn:aws:sagemaker:{operations.region}:{operations.account}:model-package-group/{MODEL}",
    )
    return Account(clients_of(session), place)

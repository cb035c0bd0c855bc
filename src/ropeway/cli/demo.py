"""``ropeway demo``: the whole lifecycle on a sandbox of its own, with progress and a summary.

It runs beside a user's sandbox: its state is ``.ropeway/demo`` and its port a free one. Whatever happens, it
leaves nothing running, unless it is asked to.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import LocalCommand
from ropeway.cli.pipeline.tree import duration

if TYPE_CHECKING:
    from ropeway.usecases.demo import Clients, DemoResult, StageReport
    from ropeway.usecases.executions import ExecutionView

__all__ = ["demo"]

_STOP_SECONDS = 30
_LABEL = 13


@dataclass(frozen=True)
class Demonstration:
    """What ``--output json`` gives."""

    result: DemoResult
    seconds: float
    endpoint: str
    running: bool
    folder: str
    logs: str


@click.command(cls=LocalCommand)
@click.option("--keep", is_flag=True, help="Leave the sandbox running, to look around in it.")
@pass_app
def demo(app: App, keep: bool) -> None:
    """Run the whole lifecycle on a sandbox, from raw data to predictions.

    Real mammography data is preprocessed, a model is trained, judged, registered and approved, and a batch is
    predicted by it: pipelines, jobs and registry as on SageMaker. Nothing leaves this machine.
    """
    began = time.perf_counter()
    folder = process.state_folder().parent / "demo"
    app.output.progress("Ropeway runs the mammography use case on a sandbox of its own.")
    running = process.start(folder / "sandbox", port=0)
    kept = False
    try:
        _told(app, "sandbox", time.perf_counter() - began, running.endpoint)
        result = _run(app, running.endpoint, folder)
        kept = keep
    finally:
        if not kept:
            process.stop(running)
    told = Demonstration(
        result=result,
        seconds=time.perf_counter() - began,
        endpoint=running.endpoint,
        running=kept,
        folder=str(folder),
        logs=str(folder / "sandbox" / "jobs"),
    )
    app.output.data(told, lambda: _summary(told))


def _run(app: App, endpoint: str, folder: Path) -> DemoResult:
    from ropeway import assets
    from ropeway.aws import session as sessions
    from ropeway.aws.pipelines import ExecutionsClient, PipelinesClient
    from ropeway.aws.registry import RegistryClient
    from ropeway.aws.storage import FunctionsClient, StorageClient
    from ropeway.cli.app import DEFAULT_ACCOUNT, DEFAULT_REGION
    from ropeway.usecases.demo import Clients, Place, run_demo

    session = sessions.on_sandbox(endpoint, DEFAULT_ACCOUNT, DEFAULT_REGION)
    app.use(session)
    clients = Clients(
        pipelines=PipelinesClient.of(session),
        executions=ExecutionsClient.of(session),
        storage=StorageClient.of(session),
        functions=FunctionsClient.of(session),
        registry=RegistryClient.of(session),
    )
    place = Place(
        region=session.region,
        role=session.role or "",
        bucket=session.default_bucket,
        examples=assets.examples(),
        folder=folder,
    )

    def tell(stage: StageReport) -> None:
        _told(app, stage.name, stage.seconds, stage.detail)

    return run_demo(clients, place, lambda arn: _follow(app, clients, arn), tell)


def _follow(app: App, clients: Clients, arn: str) -> ExecutionView:
    """Show an execution; one that is interrupted is stopped, so that no job of it stays behind."""
    from ropeway.cli.pipeline.following import watch
    from ropeway.pipelines.outline import outline
    from ropeway.usecases.executions import follow

    executions = clients.executions
    try:
        return watch(app, executions, arn, outline(executions.definition(arn)))
    except KeyboardInterrupt:
        app.output.progress("\nstopping")
        executions.stop(arn)
        deadline = time.monotonic() + _STOP_SECONDS
        for view in follow(executions, arn, time.sleep):
            if not view.running or time.monotonic() > deadline:
                break
        raise


def _told(app: App, name: str, seconds: float, detail: str) -> None:
    app.output.progress(f"✓ {name.ljust(8)} {duration(seconds).rjust(8)}  {detail}")


def _summary(told: Demonstration) -> str:
    result, here = told.result, Path.cwd()
    training, inference, found = result.training, result.inference, result.predictions
    state = "is running" if told.running else "is stopped; its state is kept"
    rows = [
        (
            "data",
            f"{result.rows['train']} real rows to learn from, {result.rows['batch']} set aside to predict",
        ),
        ("training", f"{training.execution}: {training.steps} steps in {duration(training.seconds)}"),
        ("AUC", f"{_interval(result)}, on {result.tested_on} rows that training never saw"),
        ("model", f"{result.model}, {result.approval}"),
        ("inference", f"{inference.execution}: {inference.steps} steps in {duration(inference.seconds)}"),
        ("predictions", f"{_near(found.file, here)}: {found.rows} rows, {found.right} as the biopsy found"),
        ("logs", f"{_near(told.logs, here)}/"),
        ("sandbox", f"{told.endpoint} {state}"),
    ]
    lines = [f"  {label.ljust(_LABEL)}{text}" for label, text in rows]
    return "\n".join(
        [
            "",
            f"The whole lifecycle ran on this machine in {duration(told.seconds)}.",
            "",
            *lines,
            "",
            *_next(told),
        ]
    )


def _interval(result: DemoResult) -> str:
    auc = result.auc
    return f"{auc.value:.3f}, 95 % interval {auc.lower:.3f} to {auc.upper:.3f}"


def _next(told: Demonstration) -> list[str]:
    if told.running:
        return [
            "What to try next",
            f"  export ROPEWAY_SANDBOX_URL={told.endpoint}",
            f"  ropeway pipeline show {told.result.training.execution}",
            f"  ropeway model show {told.result.model}",
            '  eval "$(ropeway sandbox env)"; aws sagemaker list-training-jobs',
            f"  kill {_pid(told)}    # ends it",
        ]
    return [
        "What to try next",
        "  ropeway demo --keep                              the same, and a sandbox to look around in",
        "  ropeway sandbox start                            a sandbox of your own",
        "  ropeway pipeline run examples/mammography/train.py",
        "  docs/guides/first-pipeline.md                    your own pipeline",
    ]


def _pid(told: Demonstration) -> int:
    running = process.find(Path(told.folder) / "sandbox")
    return running.pid if running else 0


def _near(path: str, here: Path) -> str:
    return os.path.relpath(path, here) if Path(path).is_relative_to(here) else path

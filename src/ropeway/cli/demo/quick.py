"""``ropeway demo --quick``: a model's way from raw data to predictions, in one account."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ropeway.cli import process
from ropeway.cli.app import App
from ropeway.cli.demo.running import clients_of, folder_of_demo, follow, near, opened, tell
from ropeway.cli.pipeline.tree import duration

if TYPE_CHECKING:
    from pathlib import Path

    from ropeway.usecases.demo.quick import QuickResult

__all__ = ["show"]

_LABEL = 13


@dataclass(frozen=True)
class Demonstration:
    """What ``--output json`` gives."""

    result: QuickResult
    seconds: float
    endpoint: str
    running: bool
    folder: str
    logs: str


def show(app: App, *, keep: bool) -> None:
    """Run it and print the summary."""
    began = time.perf_counter()
    folder = folder_of_demo("quick")
    app.output.progress("Ropeway runs the mammography use case on a sandbox of its own.")
    with opened(app, folder) as kept:
        result = _run(app, kept.running.endpoint, folder)
        kept.keep = keep
    told = Demonstration(
        result=result,
        seconds=time.perf_counter() - began,
        endpoint=kept.running.endpoint,
        running=kept.keep,
        folder=str(folder),
        logs=str(folder / "sandbox" / "jobs"),
    )
    app.output.data(told, lambda: _summary(told))


def _run(app: App, endpoint: str, folder: Path) -> QuickResult:
    from ropeway import assets
    from ropeway.aws import session as sessions
    from ropeway.cli.app import DEFAULT_ACCOUNT, DEFAULT_REGION
    from ropeway.usecases.demo.quick import run_quick
    from ropeway.usecases.demo.stages import Place

    session = sessions.on_sandbox(endpoint, DEFAULT_ACCOUNT, DEFAULT_REGION)
    app.use(session)
    clients = clients_of(session)
    place = Place(
        region=session.region,
        role=session.role or "",
        bucket=session.default_bucket,
        examples=assets.examples(),
        folder=folder,
    )
    return run_quick(clients, place, partial(follow, app, clients), partial(tell, app))


def _summary(told: Demonstration) -> str:
    result = told.result
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
        ("predictions", f"{near(found.file)}: {found.rows} rows, {found.right} as the biopsy found"),
        ("logs", f"{near(told.logs)}/"),
        ("sandbox", f"{told.endpoint} {state}"),
    ]
    lines = [f"  {label.ljust(_LABEL)}{text}" for label, text in rows]
    return "\n".join(
        [
            "",
            f"A model came from raw data to predictions on this machine in {duration(told.seconds)}.",
            "",
            *lines,
            "",
            *_next(told),
        ]
    )


def _interval(result: QuickResult) -> str:
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
            f"  kill {_pid()}    # ends it",
        ]
    return [
        "What to try next",
        "  ropeway demo --quick --keep                      the same, and a sandbox to look around in",
        "  ropeway sandbox start                            a sandbox of your own",
        "  ropeway pipeline run examples/mammography/train.py",
        "  docs/guides/first-pipeline.md                    your own pipeline",
    ]


def _pid() -> int:
    running = process.find(folder_of_demo("quick") / "sandbox")
    return running.pid if running else 0

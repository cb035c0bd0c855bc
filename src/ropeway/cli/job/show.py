"""``ropeway job show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.output import moment, table

if TYPE_CHECKING:
    from ropeway.usecases.jobs import JobView

__all__ = ["describe", "show"]


@click.command(cls=Command)
@click.argument("job")
@pass_app
def show(app: App, job: str) -> None:
    """Show a job: how it stands, why it failed, what it made; a tuning job's training jobs, best first."""
    from ropeway.aws.jobs import JobsClient
    from ropeway.usecases import jobs

    view = jobs.show(JobsClient.of(app.session), job)
    app.output.data(view, lambda: describe(view))


def describe(view: JobView) -> str:
    """A job in lines of name and value, and a table of its training jobs."""
    pairs = [
        ("job", view.name),
        ("kind", view.kind),
        ("status", view.status),
        ("reason", view.reason),
        ("created", moment(view.created)),
        ("started", moment(view.started) if view.started else None),
        ("ended", moment(view.ended) if view.ended else None),
        ("image", view.image),
        ("model", view.model),
        ("role", view.role),
        ("tuning job", view.tuning),
        ("strategy", view.strategy),
        ("objective", view.objective),
        *((f"hyperparameter {name}", value) for name, value in view.hyperparameters.items()),
        *((f"metric {name}", f"{value:g}") for name, value in view.metrics.items()),
        *((f"output {name}", value) for name, value in view.outputs.items()),
        ("arn", view.arn),
    ]
    told = [(name, value) for name, value in pairs if value]
    width = max(len(name) for name, _ in told)
    lines = [f"{name.ljust(width)}  {value}" for name, value in told]
    return "\n".join([*lines, *(["", _trials(view)] if view.trials else [])])


def _trials(view: JobView) -> str:
    names = sorted({name for trial in view.trials for name in trial.hyperparameters})
    rows = [
        (
            trial.name,
            trial.status,
            "-" if trial.value is None else f"{trial.value:g}",
            *(trial.hyperparameters.get(name, "-") for name in names),
        )
        for trial in view.trials
    ]
    return table(("TRAINING JOB", "STATUS", "OBJECTIVE", *names), rows)

"""``ropeway sandbox faults add``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.faults.asking import ask, listed
from ropeway.pipelines.retries import FAULTS

__all__ = ["add"]


@click.command(cls=SandboxCommand)
@click.argument("kind", type=click.Choice(FAULTS), metavar="KIND")
@click.option(
    "-n", "--count", type=click.IntRange(1), default=1, show_default=True, help="How many tries it spoils."
)
@click.option("--pipeline", default="", help="Only steps of the pipeline of this name.")
@click.option("--step", default="", help="Only the step of this name.")
@click.option("--type", "type_", default="", help="Only steps of this type, such as Training.")
@pass_app
def add(app: App, kind: str, count: int, pipeline: str, step: str, type_: str) -> None:
    """Have the next tries of steps fail by a fault.

    KIND is what retry policies name in ExceptionType: Step.SERVICE_FAULT, Step.THROTTLING,
    SageMaker.JOB_INTERNAL_ERROR, SageMaker.CAPACITY_ERROR or SageMaker.RESOURCE_LIMIT.
    """
    document = {"kind": kind, "count": count, "pipeline": pipeline, "step": step, "type": type_}
    fault = ask(app, "POST", document)
    app.output.data(fault, lambda: listed([fault]))

"""``ropeway pipeline``: from a module to an execution that has ended."""

from __future__ import annotations

import click

from ropeway.cli.pipeline.definition import definition
from ropeway.cli.pipeline.graph import graph
from ropeway.cli.pipeline.list import list_
from ropeway.cli.pipeline.logs import logs
from ropeway.cli.pipeline.retry import retry
from ropeway.cli.pipeline.run import run
from ropeway.cli.pipeline.show import show
from ropeway.cli.pipeline.stop import stop
from ropeway.cli.pipeline.upsert import upsert

__all__ = ["pipeline"]

pipeline = click.Group(
    "pipeline",
    commands=[definition, upsert, run, list_, show, logs, stop, retry, graph],
    help="""Define, run and follow SageMaker pipelines.

    SOURCE is MODULE[:FUNCTION] (dotted, or the path of a .py file; the function is get_pipeline) or a .json file
    with a definition. EXECUTION is PIPELINE (its newest execution), PIPELINE/EXECUTION-ID or an ARN.""",
)

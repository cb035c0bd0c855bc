"""``run-pipeline``: create or update a module's pipeline, start it, wait for it, list its steps."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from ropeway.cli.compat.arguments import Parser, run
from ropeway.cli.output import Output
from ropeway.cli.pipeline.options import literal
from ropeway.cli.pipeline.tree import change_lines
from ropeway.errors import RopewayError, UsageError

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> NoReturn:
    """The entry point."""
    parser = Parser(
        prog="run-pipeline", description="Creates or updates, and runs, the pipeline of a module."
    )
    parser.add_argument("-n", "--module-name", required=True, help="module with get_pipeline")
    parser.add_argument("-role-arn", "--role-arn", required=True, help="role of the pipeline")
    parser.add_argument("-kwargs", "--kwargs", help="arguments of get_pipeline, a Python literal")
    parser.add_argument("-description", "--description", help="description of the pipeline")
    parser.add_argument("-tags", "--tags", help="""a literal list: [{"Key": "team", "Value": "risk"}]""")
    parser.add_argument("--no-start", action="store_true", help="create or update only")
    run(parser, _run, args)


def _run(options: argparse.Namespace, output: Output) -> None:
    from ropeway.aws.pipelines import ExecutionsClient, PipelinesClient
    from ropeway.aws.session import from_environment
    from ropeway.aws.storage import FunctionsClient, StorageClient
    from ropeway.usecases.executions import ExecutionView, follow
    from ropeway.usecases.source import load
    from ropeway.usecases.upsert import upsert

    tags = _tags(options.tags)
    session = from_environment()
    output.progress(f"target: {session.description}")
    with contextlib.redirect_stdout(sys.stderr):  # what the user's code prints is no data of ours
        source = load(options.module_name, literal(options.kwargs, dict, "--kwargs"))
    output.data(json.dumps(json.loads(source.definition), indent=2, sort_keys=True))
    done = upsert(
        source,
        PipelinesClient.of(session),
        StorageClient.of(session),
        FunctionsClient.of(session),
        role=options.role_arn,
        default_bucket=session.default_bucket,
        tags=tags,
        description=options.description,
        tell=output.progress,
    )
    output.data(done.arn)
    if options.no_start:
        return
    executions = ExecutionsClient.of(session)
    arn = executions.start(source.name, {})
    output.data(arn)
    last: ExecutionView | None = None
    for view in follow(executions, arn, time.sleep, session.pause):
        for line in change_lines(last, view):
            output.progress(line)
        last = view
    assert last is not None
    for step in last.steps:
        output.data(f"{step.name}  {step.status}" + (f"  {step.reason}" if step.reason else ""))
    if not last.ended_well:
        raise RopewayError(f"execution {arn} is {last.status}: {last.reason or 'no reason was given'}")


def _tags(text: str | None) -> dict[str, str]:
    items = literal(text, list, "--tags")
    try:
        return {str(item["Key"]): str(item["Value"]) for item in items}
    except (TypeError, KeyError) as error:
        raise UsageError(f"--tags is no list of Key and Value: {text}") from error

"""``get-pipeline-definition``: print a pipeline's definition, or write it to a file."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ropeway.cli.compat.arguments import Parser, run
from ropeway.cli.output import Output
from ropeway.cli.pipeline.options import literal
from ropeway.errors import RopewayError

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> NoReturn:
    """The entry point."""
    parser = Parser(prog="get-pipeline-definition", description="Gets the pipeline definition of a module.")
    parser.add_argument("-n", "--module-name", required=True, help="module with get_pipeline")
    parser.add_argument("-f", "--file-name", help="file to write to; standard output by default")
    parser.add_argument("-kwargs", "--kwargs", help="arguments of get_pipeline, a Python literal")
    run(parser, _print, args)


def _print(options: argparse.Namespace, output: Output) -> None:
    from ropeway.usecases.source import load

    with contextlib.redirect_stdout(sys.stderr):  # what the user's code prints is no data of ours
        source = load(options.module_name, literal(options.kwargs, dict, "--kwargs"))
    text = json.dumps(json.loads(source.definition), indent=2, sort_keys=True)
    if options.file_name is None:
        output.data(text)
        return
    try:
        Path(options.file_name).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise RopewayError(f"cannot write {options.file_name}: {error.strerror or error}") from error

"""What both entry points share: their arguments, and how they end.

Missing arguments print the help and end with 2; any error is one line and ends with 1. Values of ``-kwargs``
and ``-tags`` are Python literals; JSON is taken, too. The target is whatever the environment says, as existing
CI files set it up: the AWS account of its credentials, or the endpoint in ``AWS_ENDPOINT_URL``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from ropeway.cli.output import Output
from ropeway.errors import RopewayError

__all__ = ["Parser", "run"]


class Parser(argparse.ArgumentParser):
    """Prints the whole help, not only the usage, when something is missing."""

    def error(self, message: str) -> NoReturn:
        """Help, the reason, and exit status 2."""
        output = Output()
        output.progress(self.format_help())
        output.error(message)
        raise SystemExit(2)


def run(
    parser: Parser, action: Callable[[argparse.Namespace, Output], None], args: Sequence[str] | None
) -> NoReturn:
    """Parse, act, and end the process."""
    options = parser.parse_args(args)
    output = Output()
    try:
        action(options, output)
    except RopewayError as error:
        output.error(str(error), error.hint)
        sys.exit(1)
    sys.exit(0)

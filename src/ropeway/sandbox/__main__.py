"""``python -m ropeway.sandbox --state FOLDER``: the process that ``ropeway sandbox start`` puts in the background.

Logs go to standard error, which the starter points at a file. A failure to start ends with the error's status and the
lines ``error: …`` and ``hint: …``, which the starter repeats; so it does with ``note: …`` of a start that went well.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from ropeway.errors import RopewayError, SandboxError, UsageError
from ropeway.sandbox.ports import ports

_INTERRUPTED = 130


def main() -> int:
    """Serve until told to stop; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ropeway.sandbox", description="Serve a sandbox.")
    parser.add_argument("--state", type=Path, required=True, help="folder of the durable state")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to")
    parser.add_argument(
        "--port",
        type=int,
        default=None,
        help="port; 0 takes a free one; 4566 or, when it is taken, a free one by default",
    )
    parser.add_argument(
        "--end-jobs", action="store_true", help="serve nothing; end the jobs that outlived a server"
    )
    options = parser.parse_args()
    if options.end_jobs:
        from ropeway.sandbox.runners.spawnerlink import end_processes  # noqa: PLC0415 - a server needs it not

        sys.stdout.write(f"{end_processes(options.state / 'spawner')}\n")
        return 0
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Request lines of moto's own server parts would drown the log.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        _serve(options.state, options.host, options.port)
    except RopewayError as error:
        sys.stderr.write(f"error: {error}\n" + (f"hint: {error.hint}\n" if error.hint else ""))
        return error.exit_code
    except OSError as error:  # a folder that cannot be written to, a full disk
        logging.getLogger(__name__).debug("the sandbox cannot be served", exc_info=True)
        sys.stderr.write(f"error: {error.filename or options.state}: {error.strerror or error}\n")
        return 1
    except KeyboardInterrupt:  # before it served; a server that serves ends in order
        return _INTERRUPTED
    return 0


def _serve(state: Path, host: str, port: int | None) -> None:
    wanted = ports(port, os.environ, state)
    try:
        from ropeway.sandbox.edge.holds import LONGEST  # noqa: PLC0415
        from ropeway.sandbox.server import serve  # noqa: PLC0415 - an extra that may be missing
    except ModuleNotFoundError as error:
        raise SandboxError(
            f"the sandbox needs the package {error.name}, which is not installed",
            hint="install it: pip install 'ropeway[sandbox]'",
        ) from error
    state.mkdir(parents=True, exist_ok=True)
    serve(state, host=host, ports=wanted, hold=_hold(LONGEST))


def _hold(longest: float) -> float:
    text = os.environ.get("ROPEWAY_SANDBOX_HOLD", str(longest))
    if not text.replace(".", "", 1).isdigit() or float(text) > longest:
        raise UsageError(
            f"ROPEWAY_SANDBOX_HOLD is {text!r}",
            hint=f"set it to seconds from 0 (hold no answer) to {longest:g}, or unset it",
        )
    return float(text)


if __name__ == "__main__":
    sys.exit(main())

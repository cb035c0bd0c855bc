"""Hands a step function's process over to one that has the SDK imported already (see ``containers/warm``).

Runs at the start of ``python -m sagemaker.remote_function.invoke_function`` and of the SDK's bootstrap, in a job. This
process stays, as the one that the sandbox knows: it passes its streams, environment and namespaces on, forwards
SIGTERM, and ends as the other ends. Whenever something is not as it should be it returns, and Python goes on as ever.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from array import array

__all__ = ["hand_over"]

_STARTED = b"s"
_AGREED = b"g"
_TERMINATE = b"t"
_SECONDS = 60.0


def hand_over(address: str) -> None:
    """Let the warm process at an abstract address do this one's work, and end with its status."""
    packages = os.path.join(sys.prefix, "lib", "python{}.{}".format(*sys.version_info), "site-packages")
    if any(name.endswith(".dist-info") for name in os.listdir(packages)):
        return  # the job installed packages; the warm process has others
    message = {
        "argv": sys.orig_argv[1:],
        "cwd": os.getcwd(),
        "env": dict(os.environ),
        "executable": sys.executable,
        "path": sys.path,
        "prefix": sys.prefix,
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        try:
            link.connect("\0" + address)
        except OSError:
            return
        link.settimeout(_SECONDS)
        spaces = [os.open(f"/proc/self/ns/{name}", os.O_RDONLY) for name in ("user", "mnt")]
        data = json.dumps(message).encode()
        head = len(data).to_bytes(8, "big")
        handles = array("i", [0, 1, 2, *spaces])
        try:
            link.sendmsg([head], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handles)])
            link.sendall(data)
            if link.recv(1) != _STARTED:
                return
            link.send(_AGREED)
        except OSError:
            return
        link.settimeout(None)
        _end_as_told(link)


def _end_as_told(link: socket.socket) -> None:
    asked = []

    def forward(_number: int, _frame: object) -> None:
        asked.append(True)
        link.send(_TERMINATE)

    signal.signal(signal.SIGTERM, forward)
    told = link.recv(1)
    os._exit(told[0] if told else 143 if asked else 137)

"""The sandbox's page of faults, asked over HTTP."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.cli import process
from ropeway.cli.app import App
from ropeway.cli.output import table
from ropeway.errors import SandboxError, UsageError

__all__ = ["ask", "listed"]


def ask(app: App, method: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the page answers; a sandbox that does not run is started.

    Raises:
        UsageError: the request is wrong.
        SandboxError: the sandbox cannot be reached.
    """
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{_endpoint(app)}/_sandbox/faults",
        method=method,
        data=None if document is None else json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback knows no proxy
    try:
        with opener.open(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        with error:
            told = json.load(error)
        raise UsageError(told["message"], hint="ropeway sandbox faults add --help") from None
    except (OSError, ValueError) as error:
        raise SandboxError(
            f"the sandbox cannot be reached: {error}", hint="ropeway sandbox status"
        ) from error


def listed(faults: Sequence[Mapping[str, Any]]) -> str:
    """Faults as a table."""
    rows = [
        [
            each["kind"],
            str(each["left"]),
            *(each[name] or "any" for name in ("pipeline", "step", "type")),
        ]
        for each in faults
    ]
    return table(["kind", "left", "pipeline", "step", "type"], rows) if rows else "no faults are on order"


def _endpoint(app: App) -> str:
    if endpoint := os.environ.get("ROPEWAY_SANDBOX_URL"):
        return endpoint
    state = process.state_folder()
    running = process.find(state)
    if running is None:
        app.output.progress("starting the sandbox")
        running = process.start(state)
    return running.endpoint

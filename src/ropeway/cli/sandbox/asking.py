"""The sandbox's own pages, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from ropeway.cli.app import App
from ropeway.errors import RopewayError, SandboxError, UsageError

__all__ = ["ask"]


def ask(
    app: App,
    page: str,
    method: str,
    document: Mapping[str, Any] | None = None,
    *,
    timeout: float | None = 30,
) -> dict[str, Any]:
    """What a page answers; a sandbox that does not run is started.

    Args:
        app: the command line.
        page: its name: ``faults``.
        method: GET, POST or DELETE.
        document: what is sent, as JSON.
        timeout: seconds to wait for the answer, or None for as long as it takes.

    Raises:
        UsageError: the request is wrong.
        SandboxError: the sandbox cannot be reached.
    """
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{app.sandbox_endpoint()}/_sandbox/{page}",
        method=method,
        data=None if document is None else json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback knows no proxy
    try:
        with opener.open(request, timeout=timeout) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise _refusal(error, page) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SandboxError(
            f"the sandbox cannot be reached: {getattr(error, 'reason', error)}", hint="ropeway sandbox status"
        ) from error


def _refusal(error: urllib.error.HTTPError, page: str) -> RopewayError:
    try:
        with error:
            return UsageError(str(json.load(error)["message"]), hint=f"ropeway sandbox {page} --help")
    except (OSError, ValueError, KeyError, TypeError):
        return SandboxError(
            f"{error.url} answers {error.code}: this is no sandbox, or one of another version",
            hint="ropeway sandbox status",
        )

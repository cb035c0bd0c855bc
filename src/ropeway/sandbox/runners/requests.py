"""Requests to addresses outside of the sandbox: on this machine, and at hosts that its user has named."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from urllib.parse import urlsplit

from ropeway.sandbox.domain.events.destinations import Answered, Sent
from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.runners.notices import NoRedirects, on_loopback

__all__ = ["OUTGOING", "OutgoingHttp"]

OUTGOING = "ROPEWAY_SANDBOX_OUTGOING"
"""The variable with the hosts, separated by commas; ``*`` is all."""

_SECONDS = 5.0  # as AWS waits
_MOST = 1 << 20


class OutgoingHttp:
    """Implements ``domain.events.destinations.Http``.

    Args:
        hosts: names that may be asked besides loopback; ``*`` is all.
    """

    def __init__(self, hosts: Collection[str] = ()) -> None:
        self._hosts = frozenset(hosts)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects())
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def send(self, request: Sent) -> Answered:
        """The answer to a request."""
        host = urlsplit(request.url).hostname or ""
        if not on_loopback(host) and not {"*", host} & self._hosts:
            raise Undeliverable(
                "CONNECTION_FAILURE",
                f"The sandbox sends to addresses of this machine only, not to {host}: name it in {OUTGOING}.",
            )
        made = urllib.request.Request(  # noqa: S310 - the destination's scheme was checked
            request.url, data=request.body, headers=dict(request.headers), method=request.method
        )
        try:
            with self._opener.open(made, timeout=_SECONDS) as answer:
                return Answered(answer.status, answer.read(_MOST))
        except urllib.error.HTTPError as error:
            with error:
                return Answered(error.code, error.read(_MOST))
        except TimeoutError as error:
            raise Undeliverable("TIMEOUT", f"{request.url} did not answer: {error}", again=True) from error
        except (OSError, ValueError) as error:
            raise Undeliverable("CONNECTION_FAILURE", f"{request.url}: {error}", again=True) from error

    def pace(self, name: str, rate: float) -> None:
        """Wait until one more request a second is within a rate."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next.get(name, now))
            self._next[name] = turn + 1.0 / rate
        if turn > now:
            time.sleep(turn - now)

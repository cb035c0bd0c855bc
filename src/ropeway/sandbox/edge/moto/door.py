"""What the edge knows of moto: forward a request, call a service, come back with the same state.

What Ropeway does not own goes to moto's WSGI application, unpatched. moto is told the account
(``x-moto-account-id``), as it forgets who its keys belong to when it restarts. An operation that moto lacks, and a
fault inside moto, come back as an AWS error that names the operation, instead of moto's HTML page, which SDKs retry
and cannot read.

moto lives in memory. So a call that changed something is in the journal before it is answered, together with what
moto's randomness began with, and a new process plays the journal before moto's first answer: the same calls in the same
order, so the same state under the same ids. Calls take turns, else they would draw from each other's randomness;
a long poll of SQS gives its turn away while it waits. Left out: times, which are those of the new process, and ids
that moto takes from Python's ``uuid``.
"""

from __future__ import annotations

import io
import logging
import os
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.journal import Entry, Journal
from ropeway.sandbox.domain.keys.model import Key
from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.edge.faults import crashed, not_there
from ropeway.sandbox.edge.memory import Memory
from ropeway.sandbox.edge.moto import application, keys, loglines, polling, recording
from ropeway.sandbox.edge.names import full_name
from ropeway.sandbox.edge.outgoing import answer_of, request_of
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["Moto"]

_log = logging.getLogger(__name__)
_RESUME_SECONDS = 3.0
_IAM_MANAGED_POLICIES = "MOTO_IAM_LOAD_MANAGED_POLICIES"


class Moto:
    """moto's services in this process, brought back to what the journal tells.

    Args:
        journal: the calls that made moto's state.
        seeds: gives what a call's randomness begins with.

    Attributes:
        memory: what the sandbox's own calls were answered; whoever changes a service says so there.
    """

    def __init__(self, journal: Journal, seeds: Callable[[], int] | None = None) -> None:
        os.environ.setdefault(_IAM_MANAGED_POLICIES, "true")
        self._journal = journal
        self._seeds = seeds or (lambda: random.SystemRandom().getrandbits(62))
        self._application: application.Application | None = None
        self._turn = threading.RLock()
        self._closed = threading.Event()
        self._begun: set[tuple[str, str, str]] = set()
        self._arrivals = polling.Arrivals()
        self.memory = Memory()

    def forward(self, request: Request, *, service: str, operation: str, account: str) -> Response:
        """Let moto answer a request.

        Raises:
            DomainError: moto does not have the operation, or failed.
        """
        if (service, operation) == ("sqs", "ReceiveMessage"):
            ask = partial(self._answer, service=service, operation=operation, account=account)
            return polling.receive(request, ask, self._arrivals)
        return self._answer(request, service, operation, account)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        """One API call from inside the sandbox; implements ``domain.ports.Peers``."""
        if loglines.takes(service, operation, params):
            return self._log(operation, params, account, region)

        def ask() -> dict[str, Any]:
            request = request_of(service, operation, params, access_key=account, region=region)
            response = self.forward(request, service=service, operation=operation, account=account)
            return answer_of(service, operation, response)

        try:
            return self.memory.recall(("moto", account, region), (service, operation, params), ask)
        finally:
            self.memory.changed(service, operation)

    def user_of(self, access_key: str) -> Caller | None:
        """The IAM user that a key was made for; implements ``domain.sessions.AccessKeys``."""
        if self._application is None and not self._has_past():
            return None  # nobody has asked moto anything, ever: it knows no key
        with self._turn:
            self._ready()
            return application.user_of(access_key)

    def key(self, account: str, region: str, ref: str) -> Key | None:
        """A KMS key; implements ``domain.keys.ports.KeyRecords``. It is read without a turn, as it only reads."""
        self._wake()
        return keys.find(account, region, ref)

    def key_of(self, ciphertext: bytes) -> Key | None:
        """The KMS key that a ciphertext was made with."""
        self._wake()
        return keys.find_holder(ciphertext)

    def _wake(self) -> None:
        if self._application is None and self._has_past():
            with self._turn:
                self._ready()

    def resume(self) -> None:
        """Play the journal, if there is one, so that the first caller need not wait for it.

        Not at once: who just started a sandbox has a pipeline to run, which needs the processor and no moto.
        """
        if self._has_past() and not self._closed.wait(_RESUME_SECONDS):
            self._wake()

    def close(self) -> None:
        """Forget what moto holds: the journal keeps it. Who asks later is turned away."""
        self._closed.set()
        with self._turn:
            if self._application is not None:
                application.forget()
                self._application = None
                self._begun.clear()

    def _log(self, operation: str, params: Mapping[str, Any], account: str, region: str) -> dict[str, Any]:
        """Write to a log: straight, or for later while moto is not needed."""
        with self._turn:
            if self._closed.is_set():
                raise _stopping()
            seed = self._seeds()
            answer: dict[str, Any] = {}
            if self._application is not None:
                application.seed(seed)
                answer = loglines.write(operation, params, account=account, region=region)
            self._journal.append(
                loglines.entry_of(operation, params, account=account, region=region, seed=seed)
            )
        return answer

    def _has_past(self) -> bool:
        return next(iter(self._journal.entries()), None) is not None

    def _answer(self, request: Request, service: str, operation: str, account: str) -> Response:
        request.body()  # read before the turn is taken: a slow client holds up nobody
        with self._turn:
            serve = self._ready()
            seed = self._seeds()
            response = self._ask(serve, request, service, operation, account, seed)
            begins = self._begins(service, account, request.headers)
            if begins or recording.changes(service, operation, response):
                entry = recording.entry_of(request, service, operation, account, seed)
                facts = application.facts_of(service, operation, account)
                self._journal.append(replace(entry, facts=facts))
                if service == "sqs" and operation != "ReceiveMessage":
                    self._arrivals.answered(operation, request)
        return response

    def _begins(self, service: str, account: str, headers: Mapping[str, str]) -> bool:
        """Whether a call is a service's first in its account and region, as far as the journal knows."""
        place = (service, account, recording.region_of(headers))
        if place in self._begun:
            return False
        self._begun.add(place)
        return True

    def _ask(
        self,
        serve: application.Application,
        request: Request,
        service: str,
        operation: str,
        account: str,
        seed: int,
    ) -> Response:
        application.seed(seed)
        try:
            status, headers, body = application.serve(serve, _environ(request, account))
        except NotImplementedError as error:
            raise not_there(service, full_name(service, operation, request)) from error
        except Exception as error:
            if "x-amz-target" in request.headers:
                document_of(request.body())  # a body that is no JSON is the caller's fault
            _log.exception("moto failed in %s %s", service, operation)
            raise crashed(service, operation, error) from error
        if _is_html(headers) and status >= 400:
            raise not_there(service, full_name(service, operation, request))
        return Response(status, headers, body)

    def _ready(self) -> application.Application:
        """Moto's application, with its past; the caller has the turn."""
        if self._closed.is_set():
            raise _stopping()
        if self._application is None:
            with application.much_made():
                loaded = application.load()
                for entry in self._journal.entries():
                    self._replay(loaded, entry)
            self._application = loaded
        return self._application

    def _replay(self, loaded: application.Application, entry: Entry) -> None:
        request = recording.request_of(entry)
        begins = self._begins(entry.service, entry.account, entry.headers)
        try:
            application.seed(entry.seed)
            if loglines.replay(entry):
                return
            response = self._ask(loaded, request, entry.service, entry.operation, entry.account, entry.seed)
        except DomainError as error:
            _log.warning("could not repeat %s %s: %s", entry.service, entry.operation, error.message)
            return
        if response.status >= 300 and not begins:  # one that began may have been refused in the first place
            _log.warning("could not repeat %s %s: %r", entry.service, entry.operation, response.body)
        application.restore_facts(entry.facts, entry.account)


def _stopping() -> DomainError:
    return DomainError("The sandbox is stopping.", code="ServiceUnavailable", status=503)


def _environ(request: Request, account: str) -> dict[str, Any]:
    body = request.body()
    host = request.host or "127.0.0.1"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8").decode("latin-1"),
        "RAW_URI": f"{request.raw_path}?{request.raw_query}" if request.raw_query else request.raw_path,
        "QUERY_STRING": request.raw_query,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in {"content-type", "content-length", "transfer-encoding"}:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    return environ


def _is_html(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-type" and value.startswith("text/html") for name, value in headers)

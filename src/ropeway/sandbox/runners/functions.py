"""Lambda invocations: finds the function, lets a warm worker or a new one run it, writes its log.

What a function is comes from moto with every call (so an update counts at once); its code comes from the code
store by hash. A worker belongs to one state of one function: any change of code or configuration has workers of
its own. Logs go to CloudWatch Logs behind the answer, by one thread, in order; ``close`` writes the rest.

Left out: provisioned concurrency, and every runtime but Python, which is refused. Asynchronous calls are in
``domain.function_events``.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.errors import Denied, DomainError, Invalid, NotFound, NotThere
from ropeway.sandbox.domain.functions import CodeStore, Invocation, ReadyFunction
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.ports import Peers
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.runners.lambda_logs import LogWriter
from ropeway.sandbox.runners.lambda_pool import WorkerPool, Workplace
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["ProcessFunctions"]

_MAX_RESULT = 6_291_556


class ProcessFunctions:
    """Implements ``domain.functions.Functions`` with processes of this machine."""

    def __init__(
        self, peers: Peers, code: CodeStore, sessions: Sessions, clock: Clock, ids: Ids, workplace: Workplace
    ) -> None:
        self._peers = peers
        self._code = code
        self._ids = ids
        self._logs = LogWriter(peers, clock)
        self._pool = WorkerPool(sessions, clock, ids, workplace)
        self._places = _Places()

    def invoke(self, arn: str, event: Mapping[str, Any] | Any, *, caller_account: str) -> Invocation:
        """Run a function and wait for its answer."""
        return self._run(self.prepare(arn, caller_account=caller_account), event)

    def prepare(self, arn: str, *, caller_account: str) -> ReadyFunction:
        """Find a function, its code and its layers; refuse what cannot run or may not be called."""
        name, qualifier, parsed = _take_apart(arn)
        qualifier = self._version(name, qualifier, parsed)
        wanted = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
        config = self._peers.call(
            "lambda", "GetFunctionConfiguration", wanted, account=parsed.account, region=parsed.region
        )
        runtime = config.get("Runtime", "")
        if config.get("PackageType", "Zip") != "Zip" or not runtime.startswith("python3"):
            kind = f"its runtime is {runtime}" if runtime else "it is a container image"
            raise NotThere(f"The sandbox runs Python functions from zips only; {name} cannot run: {kind}.")
        self._permit(arn, name, parsed, caller_account)
        code = self._folder(config["CodeSha256"], f"function {name}")
        layers = tuple(self._layer(layer["Arn"]) for layer in config.get("Layers", []))
        return ReadyFunction(arn, parsed.account, parsed.region, config, code, layers)

    def close(self) -> None:
        """End every worker and write what is left of the logs."""
        self._pool.close()
        self._logs.close()

    def _run(self, function: ReadyFunction, event: Any) -> Invocation:
        with self._places.one_of(function.config["FunctionArn"], self._reserved(function)):
            worker = self._pool.take(function)
            try:
                answer = worker.run(self._ids.uuid(), function.arn, event)
            finally:
                self._pool.give_back(worker)
        self._logs.write(function, worker.stream, answer.lines)
        payload, error = answer.payload, answer.error
        if error is None and len(json.dumps(payload).encode()) > _MAX_RESULT:
            error = "Unhandled"
            payload = {
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": f"Response payload size exceeded maximum allowed payload size ({_MAX_RESULT} bytes).",
            }
        tail = "\n".join(answer.lines).encode()[-4096:].decode("utf-8", "ignore")
        return Invocation(payload, error, tail, function.config.get("Version", "$LATEST"))

    def _version(self, name: str, qualifier: str, function: Arn) -> str:
        """What an alias stands for in this call, where it gives a share of the calls to a second version."""
        if not qualifier or qualifier == "$LATEST" or qualifier.isdigit():
            return qualifier
        alias = self._peers.call(
            "lambda",
            "GetAlias",
            {"FunctionName": name, "Name": qualifier},
            account=function.account,
            region=function.region,
        )
        drawn = int(self._ids.uuid()[:8], 16) / 2**32
        for version, share in (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {}).items():
            if drawn < share:
                return str(version)
            drawn -= share
        return qualifier

    def _reserved(self, function: ReadyFunction) -> int | None:
        """How many invocations of a function may run at once, where that is set."""
        answer = self._peers.call(
            "lambda",
            "GetFunctionConcurrency",
            {"FunctionName": function.config["FunctionName"]},
            account=function.account,
            region=function.region,
        )
        found: int | None = answer.get("ReservedConcurrentExecutions")
        return found

    def _folder(self, sha256: str, what: str) -> Path:
        folder = self._code.folder(sha256)
        if folder is None:
            raise NotFound(
                f"The sandbox has no code of {what} (hash {sha256}); update its code.",
                code="ResourceNotFoundException",
                status=404,
            )
        return folder

    def _layer(self, arn: str) -> Path:
        parsed = Arn.parse(arn)
        _, name, version = parsed.resource.split(":")
        layer = self._peers.call(
            "lambda",
            "GetLayerVersion",
            {"LayerName": name, "VersionNumber": int(version)},
            account=parsed.account,
            region=parsed.region,
        )
        return self._folder(layer["Content"]["CodeSha256"], f"layer {name}")

    def _permit(self, arn: str, name: str, function: Arn, caller_account: str) -> None:
        """Within an account anybody may call; others need the function's policy to say so."""
        if caller_account in {"", function.account}:
            return
        caller = f"arn:aws:iam::{caller_account}:root"
        decision = evaluate(
            self._policy(name, function),
            principal_arn=caller,
            principal_account=caller_account,
            action="lambda:InvokeFunction",
            resource=arn,
            context={},
        )
        if decision is not Decision.ALLOW:
            raise Denied(
                f"User: {caller} is not authorized to perform: lambda:InvokeFunction on resource: {arn} because "
                "no resource-based policy allows the lambda:InvokeFunction action"
            )

    def _policy(self, name: str, function: Arn) -> dict[str, Any]:
        try:
            answer = self._peers.call(
                "lambda",
                "GetPolicy",
                {"FunctionName": name},
                account=function.account,
                region=function.region,
            )
        except DomainError as error:
            if error.status == 404:
                return {"Statement": []}
            raise
        policy: dict[str, Any] = json.loads(answer["Policy"])
        for statement in policy["Statement"]:  # AddPermission's principal, which moto keeps as it was sent
            principal = statement.get("Principal")
            if isinstance(principal, str) and principal != "*":
                kind = "Service" if principal.endswith(".amazonaws.com") else "AWS"
                statement["Principal"] = {kind: principal}
        return policy


class _Places:
    """How many invocations of each function run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def one_of(self, arn: str, most: int | None) -> Iterator[None]:
        """One place of a function's, for as long as the block runs.

        Raises:
            DomainError: ``TooManyRequestsException``: all that it may have are taken.
        """
        bare = ":".join(arn.split(":")[:7])
        with self._lock:
            if most is not None and self._running[bare] >= most:
                raise DomainError(
                    "Rate Exceeded.",
                    code="TooManyRequestsException",
                    status=429,
                    fields={"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"},
                )
            self._running[bare] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[bare] -= 1


def _take_apart(arn: str) -> tuple[str, str, Arn]:
    try:
        parsed = Arn.parse(arn)
    except ValueError as error:
        raise Invalid(f"{arn} is not a function's ARN") from error
    parts = parsed.resource.split(":")
    if parsed.service != "lambda" or parts[0] != "function" or not 2 <= len(parts) <= 3:
        raise Invalid(f"{arn} is not a function's ARN")
    return parts[1], parts[2] if len(parts) == 3 else "", parsed

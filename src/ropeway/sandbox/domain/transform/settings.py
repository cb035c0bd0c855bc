"""What governs a transform job's requests: the job's request, else the container's wishes, else AWS's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.transform.records import TransformError

__all__ = ["Settings", "container_environment", "resolve"]

_MB = 1 << 20
_PAYLOAD_MB = 6
_STRATEGIES = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}
_NAMES = {**{name: name for name in _STRATEGIES}, **{value: name for name, value in _STRATEGIES.items()}}


@dataclass(frozen=True)
class Settings:
    """One job's settings.

    Attributes:
        payload: the most bytes a request's body may have; 0 is unlimited.
        concurrent: requests under way at once.
        strategy: ``MultiRecord`` or ``SingleRecord``.
        split: ``None`` or ``Line``.
        assemble: ``None`` or ``Line``.
        content_type, accept: headers; None leaves them out.
        timeout: seconds for one request.
        retries: further attempts after a failure that is not the request's fault.
    """

    payload: int
    concurrent: int
    strategy: str
    split: str
    assemble: str
    content_type: str | None
    accept: str | None
    timeout: float
    retries: int


def resolve(request: Mapping[str, Any], wishes: Mapping[str, Any]) -> Settings:
    """The settings of a job.

    Args:
        request: the CreateTransformJob request.
        wishes: the container's answer to ``/execution-parameters``; empty when it has none.

    Raises:
        TransformError: a split type that the sandbox does not have, or a wish that is no value.
    """
    split = request["TransformInput"].get("SplitType", "None")
    if split not in {"None", "Line"}:
        raise TransformError(f"the sandbox does not split by {split}; SplitType may be None or Line")
    output = request["TransformOutput"]
    client = request.get("ModelClientConfig", {})
    strategy = str(request.get("BatchStrategy") or wishes.get("BatchStrategy") or "MultiRecord")
    if strategy not in _NAMES:
        raise TransformError(f"/execution-parameters: BatchStrategy {strategy!r} is unknown")
    payload = _number(request, wishes, "MaxPayloadInMB", _PAYLOAD_MB)
    return Settings(
        payload=payload * _MB,
        concurrent=max(1, _number(request, wishes, "MaxConcurrentTransforms", 1)),
        strategy=_NAMES[strategy],
        split=split,
        assemble=output.get("AssembleWith", "None"),
        content_type=request["TransformInput"].get("ContentType"),
        accept=output.get("Accept"),
        timeout=float(client.get("InvocationsTimeoutInSeconds", 600)),
        retries=int(client.get("InvocationsMaxRetries", 3)),
    )


def _number(request: Mapping[str, Any], wishes: Mapping[str, Any], name: str, default: int) -> int:
    if name in request:
        return int(request[name])
    wish = wishes.get(name, default)
    if isinstance(wish, bool) or not isinstance(wish, int) or wish < 0:
        raise TransformError(f"/execution-parameters: {name} {wish!r} is no whole number")
    return wish


def container_environment(request: Mapping[str, Any]) -> dict[str, str]:
    """The variables that a transform adds to its containers' own; known before any container answers."""
    env = {
        **request.get("Environment", {}),
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(request.get("MaxPayloadInMB", _PAYLOAD_MB)),
        "SAGEMAKER_BATCH_STRATEGY": _STRATEGIES[request.get("BatchStrategy", "MultiRecord")],
    }
    if "MaxConcurrentTransforms" in request:
        env["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(request["MaxConcurrentTransforms"])
    return env

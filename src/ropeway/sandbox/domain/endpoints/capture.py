"""Captured requests, as AWS writes them: one JSON line per request, in files by variant and hour.

``<destination>/<endpoint>/<variant>/<yyyy>/<mm>/<dd>/<hh>/<minute>-<second>-<ms>-<uuid>.jsonl``. A body whose type
is of CaptureContentTypeHeader is text (``CSV``, ``JSON``); any other is ``BASE64``. By default CSV is ``text/csv`` and
JSON is ``application/json``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.endpoints.model import Answer, Ask

__all__ = ["Event", "key", "line", "wanted"]


@dataclass(frozen=True)
class Event:
    """What is told of a captured request besides its bodies.

    Attributes:
        moment: epoch seconds.
    """

    id: str
    moment: float
    inference_id: str = ""
    attributes: str = ""


def wanted(config: Mapping[str, Any], chance: float) -> bool:
    """Whether a request is captured.

    Args:
        config: a DataCaptureConfig; empty for none.
        chance: a number from 0 to below 1.
    """
    return bool(config.get("EnableCapture")) and chance * 100 < config["InitialSamplingPercentage"]


def line(config: Mapping[str, Any], ask: Ask, answer: Answer, event: Event) -> dict[str, Any]:
    """The record of one request."""
    data: dict[str, Any] = {}
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    types = config.get("CaptureContentTypeHeader", {})
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _side("INPUT", ask.body, ask.content_type, types)
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _side("OUTPUT", answer.body, answer.content_type, types)
    moment = datetime.fromtimestamp(event.moment, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    told: dict[str, Any] = {"eventId": event.id, "inferenceTime": moment}
    if event.inference_id:
        told["inferenceId"] = event.inference_id
    if event.attributes:
        told["customAttributes"] = [event.attributes]
    return {"captureData": data, "eventMetadata": told, "eventVersion": "0"}


def key(prefix: str, endpoint: str, variant: str, moment: float, unique: str) -> str:
    """The key of a file of records.

    Args:
        prefix: the key of the destination.
        endpoint: its name.
        variant: its name.
        moment: of the file's first record, in epoch seconds.
        unique: a UUID.
    """
    at = datetime.fromtimestamp(moment, tz=timezone.utc)
    name = f"{at:%M-%S}-{at.microsecond // 1000:03d}-{unique}.jsonl"
    return "/".join(filter(None, (prefix.strip("/"), endpoint, variant, f"{at:%Y/%m/%d/%H}", name)))


def _side(mode: str, body: bytes, content_type: str, types: Mapping[str, Any]) -> dict[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    encoding = "BASE64"
    if kind in types.get("CsvContentTypes", ["text/csv"]):
        encoding = "CSV"
    elif kind in types.get("JsonContentTypes", ["application/json"]):
        encoding = "JSON"
    text = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode("utf-8", "replace")
    return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}

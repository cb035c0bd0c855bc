"""Settings of Lambda functions that moto takes and forgets: kept beside it and told with its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["OPERATIONS", "complete"]

_FORGOTTEN = ("DeadLetterConfig", "LoggingConfig", "SnapStart")
_SETS = {"CreateFunction", "UpdateFunctionConfiguration"}
OPERATIONS = _SETS | {
    "DeleteFunction",
    "GetFunction",
    "GetFunctionConfiguration",
    "ListFunctions",
    "ListVersionsByFunction",
    "PublishVersion",
    "UpdateFunctionCode",
}


def complete(
    operation: str, request: Request, response: Response, caller: Caller, domain: Domain
) -> Response:
    """An answer of moto's with what moto forgot."""
    if operation == "DeleteFunction":
        _forget(request, caller, domain)
        return response
    if not isinstance(response.body, bytes):
        return response
    document = json.loads(response.body)
    for config in _configurations(document):
        if operation in _SETS:
            _keep(config["FunctionArn"], json.loads(request.body()), caller, domain)
        found = domain.records.get(_key(config["FunctionArn"]))
        if found is not None:
            config.update(_told(found.document, config["FunctionName"]))
    return Response(response.status, response.headers, json.dumps(document).encode())


def _configurations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    listed = document.get("Functions") or document.get("Versions") or ()
    for each in (document, document.get("Configuration", {}), *listed):
        if isinstance(each, dict) and "FunctionArn" in each:
            yield each


def _keep(arn: str, asked: Mapping[str, Any], caller: Caller, domain: Domain) -> None:
    wanted = {name: asked[name] for name in _FORGOTTEN if name in asked}
    key = _key(arn)
    if domain.records.get(key) is None:
        region = arn.split(":")[3]
        record = Record(key, "FunctionSettings", caller.account, region, key, "", 0.0, 0.0, wanted)
        domain.records.create(record, ())
    else:
        domain.records.update(key, wanted)


def _forget(request: Request, caller: Caller, domain: Domain) -> None:
    """A function that is deleted whole, not one version of it."""
    name = request.path.rstrip("/").rpartition("/")[2]
    if "Qualifier=" in request.raw_query:
        return
    for region in {part.split("/")[2] for part in [request.headers.get("authorization", "")] if "/" in part}:
        arn = name if name.startswith("arn:") else f"arn:aws:lambda:{region}:{caller.account}:function:{name}"
        domain.records.delete(_key(arn))


def _key(arn: str) -> str:
    """The function without its version, as a record's ARN."""
    return ":".join(arn.split(":")[:7]) + ":settings"


def _told(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    told = {key: value for key, value in settings.items() if value and any(value.values())}
    if "SnapStart" in told:
        told["SnapStart"] = {"OptimizationStatus": "Off", **told["SnapStart"]}
    if "LoggingConfig" in told:
        logging: dict[str, Any] = {
            "LogFormat": "Text",
            "LogGroup": f"/aws/lambda/{name}",
            **told["LoggingConfig"],
        }
        if logging["LogFormat"] == "JSON":
            logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **logging}
        told["LoggingConfig"] = logging
    return told

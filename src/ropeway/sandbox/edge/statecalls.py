"""Calls that tasks of state machines make: written as Step Functions writes parameters and answers.

Members begin with a capital whatever the service calls them; JSON is taken where the API wants text or bytes. Bytes
that hold JSON come back as it, and times as milliseconds; through ``aws-sdk`` bytes are text, and times ISO 8601. An
idempotency token that was not given is the task's, so that a repeated call starts nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.statemachines.errors import RUNTIME, StateError
from ropeway.sandbox.domain.statemachines.ports import Task
from ropeway.sandbox.edge.outgoing import Inward
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import Response

__all__ = ["StateCalls"]

_REQUEST_IDS = {"x-amzn-requestid", "x-amz-request-id"}


class StateCalls:
    """Implements ``domain.statemachines.ports.Api``."""

    def __init__(self, inward: Inward) -> None:
        self._inward = inward

    def call(self, task: Task, operation: str, params: Any) -> dict[str, Any]:
        """One call of a task's service in the task's role.

        Raises:
            StateError: there is no such call, the parameters are not its, or the service answered with an error.
        """
        service = task.resource.service
        model = _model(service, operation)
        sent = _given(params, model.input_shape, model.name) if model.input_shape else {}
        for name in _tokens(model):
            sent.setdefault(name, hashlib.sha256(task.token.encode()).hexdigest())
        name = task.execution_arn.rpartition(":")[2]
        try:
            answer, response = self._inward.call(
                service, operation, sent, role_arn=task.role_arn, name=name, region=task.region
            )
        except Invalid as error:
            cause = (
                f"The Parameters '{json.dumps(params)}' could not be used to start the Task: {error.message}"
            )
            raise StateError(RUNTIME, cause) from error
        except DomainError as error:
            names = {
                code: shape.name for shape in model.error_shapes for code in (shape.error_code, shape.name)
            }
            name = names.get(error.code, error.code)
            raise StateError(task.resource.error(name, error.code in names), error.message) from error
        told = _plain(answer, model.output_shape, task.resource.sdk) if model.output_shape else {}
        # What ``.sync`` describes at its end comes bare, as from aws-sdk.
        bare = task.resource.sdk or operation != task.resource.operation
        return {**told, **({} if bare else _metadata(response))}


def _model(service: str, operation: str) -> OperationModel:
    try:
        model = service_model(service)
    except (UnknownServiceError, ValueError) as error:
        raise StateError(RUNTIME, f"There is no service {service}") from error
    if operation not in model.operation_names:
        raise StateError(RUNTIME, f"The service {service} has no API action {operation}")
    return model.operation_model(operation)


def _tokens(model: OperationModel) -> list[str]:
    return list(model.idempotent_members)


def _given(value: Any, shape: Shape, place: str) -> Any:
    """Parameters as the API has them."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, Mapping):
            raise StateError(RUNTIME, f"{place} must be an object")
        names = {_capital(name): name for name in shape.members}
        sent: dict[str, Any] = {}
        for name, item in value.items():
            member = name if name in shape.members else names.get(name)
            if member is None:
                raise StateError(RUNTIME, f"The field '{name}' is not supported by {place}")
            if item is not None:
                sent[member] = _given(item, shape.members[member], f"{place}.{name}")
        return sent
    if kind == "list" and isinstance(value, list):
        return [_given(item, shape.member, place) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {name: _given(item, shape.value, f"{place}.{name}") for name, item in value.items()}
    if kind == "blob" and not isinstance(value, bytes):
        return value.encode() if isinstance(value, str) and place != "Invoke.Payload" else _json(value)
    if kind == "string" and isinstance(value, Mapping | list):
        return json.dumps(value, separators=(",", ":"))
    return value


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _metadata(response: Response) -> dict[str, Any]:
    headers = dict(response.headers)
    request = next((value for name, value in headers.items() if name.lower() in _REQUEST_IDS), "")
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": response.status,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def _plain(value: Any, shape: Shape, sdk: bool) -> Any:
    """An answer as JSON."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return {
            _capital(name): _plain(item, shape.members[name], sdk)
            for name, item in value.items()
            if name in shape.members and item is not None
        }
    if kind == "list" and isinstance(value, list):
        return [_plain(item, shape.member, sdk) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {name: _plain(item, shape.value, sdk) for name, item in value.items()}
    if isinstance(value, datetime):
        return _stamp(value) if sdk else int(value.timestamp() * 1000)
    if kind == "blob":
        return _content(value, sdk)
    return value


def _stamp(moment: datetime) -> str:
    """As Java writes an instant: milliseconds where there are some."""
    fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond // 1000 else ""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f"{fraction}Z"


def _content(value: bytes | str, sdk: bool) -> Any:
    try:
        text = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()  # type: ignore[arg-type]
    if sdk:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]

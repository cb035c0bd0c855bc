"""Calls that tasks of state machines make: written as Step Functions writes parameters and answers.

Members begin with a capital whatever the service calls them; JSON is taken where the API wants text or bytes, and bytes
that hold JSON come back as it; times are ISO 8601 through ``aws-sdk`` and milliseconds elsewhere. An idempotency token
that was not given is the task's, so that a repeated call starts nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.statemachines.errors import RUNTIME, StateError
from ropeway.sandbox.domain.statemachines.ports import Task
from ropeway.sandbox.edge.outgoing import Inward
from ropeway.sandbox.operations.service_models import service_model

__all__ = ["StateCalls"]

_MEMBERS_AS_SENT = {"dynamodb"}  # its values are objects with one-letter members


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
            answer = self._inward.call(
                service, operation, sent, role_arn=task.role_arn, name=name, region=task.region
            )
        except DomainError as error:
            declared = {shape.error_code or shape.name for shape in model.error_shapes}
            declared |= {shape.name for shape in model.error_shapes}
            known = error.code in declared
            raise StateError(task.resource.error(error.code, known), error.message) from error
        return _told(answer, model, sdk=task.resource.sdk)


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


def _told(answer: Mapping[str, Any], model: OperationModel, *, sdk: bool) -> dict[str, Any]:
    told: dict[str, Any] = _plain(answer, model.output_shape, sdk) if model.output_shape else {}
    if not sdk and model.service_model.service_name in {"lambda", "sns", "sqs", "dynamodb"}:
        told["SdkHttpMetadata"] = {"HttpStatusCode": 200}
    return told


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
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if sdk else int(value.timestamp() * 1000)
    if kind == "blob":
        return _content(value)
    return value


def _content(value: bytes | str) -> Any:
    try:
        text = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()  # type: ignore[arg-type]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]

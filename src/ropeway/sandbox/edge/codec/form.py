"""Requests that are made inside the sandbox, brought into the form that the service model wants.

Pipeline definitions write numbers where the API takes text (hyperparameters) and, after joins, text where it
takes numbers. Both are written out here; then the request is validated like one from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from ropeway.sandbox.edge.codec.validate import validate
from ropeway.sandbox.operations.service_models import service_model

__all__ = ["form_request"]


def form_request(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A SageMaker request in its model's form.

    Args:
        operation: for example ``CreateTrainingJob``.
        request: its input; members that the model does not know are left out.

    Raises:
        Invalid: it violates the model.
    """
    shape = service_model("sagemaker").operation_model(operation).input_shape
    assert shape is not None
    formed: dict[str, Any] = _form(request, shape)
    validate(formed, shape)
    return formed


def _form(value: Any, shape: Shape) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return {
            name: _form(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list" and isinstance(value, list | tuple):
        return [_form(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {str(key): _form(item, shape.value) for key, item in value.items()}
    if kind == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    if kind in {"integer", "long", "float", "double"} and isinstance(value, str):
        return _number(value, kind)
    return value


def _number(text: str, kind: str) -> Any:
    try:
        return int(text) if kind in {"integer", "long"} else float(text)
    except ValueError:
        return text  # the validator says what is wrong with it

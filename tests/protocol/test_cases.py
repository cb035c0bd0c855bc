"""Wire formats and validation, case by case: a request in, a result out, a refusal, a message.

The cases are data, written from the protocols' descriptions and the service models (``cases/*.json``).
``{"$timestamp": …}`` and ``{"$blob": …}`` stand for what JSON cannot say.
"""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.edge import codec
from ropeway.sandbox.edge.codec.validate import validate
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import Headers, Request, Response

CASES = Path(__file__).parent / "cases"
PROTOCOLS = {"json": "json", "query": "query", "rest_json": "rest-json"}


def _cases(kind: str) -> list[Any]:
    return [
        pytest.param(file, _alive(case), id=f"{file}: {case['name']}")
        for file in PROTOCOLS
        for case in json.loads((CASES / f"{file}.json").read_text(encoding="utf-8"))
        if kind in case
    ]


def _alive(value: Any) -> Any:
    if isinstance(value, dict):
        if "$timestamp" in value:
            return datetime.fromisoformat(_python310(value["$timestamp"]))
        if "$blob" in value:
            return value["$blob"].encode()
        return {name: _alive(item) for name, item in value.items()}
    return [_alive(item) for item in value] if isinstance(value, list) else value


def _python310(text: str) -> str:
    """Python 3.10 reads fractions of three or six digits only."""
    return text.replace(".5+", ".500000+")


def _request(given: dict[str, Any]) -> Request:
    body = given["body"].encode()
    return Request(
        method=given.get("method", "POST"),
        raw_path=given.get("path", "/"),
        raw_query=given.get("query", ""),
        headers=Headers(given.get("headers", {})),
        stream=io.BytesIO(body),
        content_length=len(body),
    )


def _matches(response: Response, wanted: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in response.headers}
    assert response.status == wanted["status"]
    assert wanted["headers"].items() <= headers.items()
    assert headers["x-amzn-requestid"] == "id-1"
    assert isinstance(response.body, bytes)
    if "json" in wanted:
        assert json.loads(response.body) == wanted["json"]
    else:
        assert response.body.decode() == wanted["text"]


@pytest.mark.parametrize(("file", "case"), _cases("request"))
def test_a_request_is_read(file: str, case: dict[str, Any]) -> None:
    wire = codec.for_protocol(PROTOCOLS[file])
    model = service_model(case["service"])
    request = _request(case["request"])
    if file == "rest_json":
        assert wire.operation_of(model, request) == case["operation"]
    operation = model.operation_model(case["operation"])
    if "error" in case:
        with pytest.raises(DomainError) as caught:
            wire.parse(model, operation, request)
        assert caught.value.code == case["error"]
    else:
        assert wire.parse(model, operation, request) == case["params"]


@pytest.mark.parametrize(("file", "case"), _cases("result"))
def test_a_result_is_written(file: str, case: dict[str, Any]) -> None:
    model = service_model(case["service"])
    operation = model.operation_model(case["operation"])
    wire = codec.for_protocol(PROTOCOLS[file])
    _matches(wire.serialize(model, operation, case["result"], "id-1"), case["response"])


@pytest.mark.parametrize(("file", "case"), _cases("fault"))
def test_a_refusal_is_written(file: str, case: dict[str, Any]) -> None:
    told = case["fault"]
    error = DomainError(told["message"], code=told["code"], status=told["status"])
    _matches(codec.for_protocol(PROTOCOLS[file]).fault(error, "id-1", "/"), case["response"])


def test_a_refusal_is_written_in_cbor() -> None:
    error = DomainError("no", code="Gone", status=400)
    response = codec.for_protocol("smithy-rpc-v2-cbor").fault(error, "id-1", "/")
    assert response.body == (
        b"\xa2\x7a\x00\x00\x00\x06__type\x7a\x00\x00\x00\x04Gone\x7a\x00\x00\x00\x07message\x7a\x00\x00\x00\x02no"
    )


@pytest.mark.parametrize(
    "case", json.loads((CASES / "validation.json").read_text(encoding="utf-8")), ids=lambda case: case["name"]
)
def test_input_that_breaks_a_constraint_is_told_in_awss_words(case: dict[str, Any]) -> None:
    shape = service_model(case["service"]).operation_model(case["operation"]).input_shape
    with pytest.raises(Invalid) as caught:
        validate(case["params"], shape)
    if "message" in case:
        assert caught.value.message == case["message"]
    else:
        assert caught.value.message.startswith(case["starts"])


def test_valid_input_passes() -> None:
    shape = service_model("sagemaker").operation_model("ListProcessingJobs").input_shape
    validate({"MaxResults": 100, "SortOrder": "Ascending", "NameContains": "a"}, shape)

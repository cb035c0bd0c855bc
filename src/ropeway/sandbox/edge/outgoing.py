"""API calls from inside the sandbox: a request as boto3 would send it, and what its answer says."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ParamValidationError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.sessions import Session, Sessions
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import FileBody, Headers, Request, Response

__all__ = ["Inward", "answer_of", "request_of"]

_VALIDATOR = ParamValidator()


def request_of(
    service: str, operation: str, params: Mapping[str, Any], *, access_key: str, region: str
) -> Request:
    """The request of one call, signed by a key as far as the sandbox looks at signatures."""
    model = service_model(service)
    serialized = create_serializer(model.resolved_protocol).serialize_to_request(
        dict(params), model.operation_model(operation)
    )
    body = serialized["body"]
    if isinstance(body, Mapping):
        body = urlencode(body)
    content = body.encode() if isinstance(body, str) else bytes(body)
    query = serialized["query_string"]
    headers = {
        **{name: str(value) for name, value in serialized["headers"].items()},
        "Host": f"{model.endpoint_prefix}.{region}.amazonaws.com",
        "Authorization": (
            f"AWS4-HMAC-SHA256 Credential={access_key}/20200101/{region}/{model.signing_name}/aws4_request, "
            "SignedHeaders=host, Signature=0"
        ),
        "Content-Length": str(len(content)),
    }
    return Request(
        method=serialized["method"],
        raw_path=serialized["url_path"],
        raw_query=query if isinstance(query, str) else urlencode(query),
        headers=Headers(headers),
        stream=io.BytesIO(content),
        content_length=len(content),
        raw_headers=headers,
    )


def answer_of(service: str, operation: str, response: Response, *, by_shape: bool = False) -> dict[str, Any]:
    """What an answer says, a streamed body as its bytes.

    ``by_shape`` names an error as the service's model does where it once had another code.

    Raises:
        DomainError: with the code and message of an error.
    """
    model = service_model(service)
    shape = model.operation_model(operation)
    body = _bytes(response.body)
    parsed: dict[str, Any] = create_parser(model.resolved_protocol).parse(
        {"body": body, "headers": dict(response.headers), "status_code": response.status}, shape.output_shape
    )
    if response.status >= 300:
        error = parsed.get("Error", {})
        code = error.get("Code", "InternalFailure")
        if by_shape:
            code = error.get("QueryErrorCode", code)
        raise DomainError(error.get("Message", ""), code=code, status=response.status)
    parsed.pop("ResponseMetadata", None)
    return parsed


class Inward:
    """Calls of services of the sandbox in somebody's name.

    Args:
        handle: the edge.
        sessions: issues the credentials of roles.
    """

    def __init__(self, handle: Callable[[Request], Response], sessions: Sessions) -> None:
        self._handle = handle
        self._sessions = sessions

    def call(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        role_arn: str,
        name: str,
        region: str,
    ) -> tuple[dict[str, Any], Response]:
        """One call by a role: what was answered, and how.

        Raises:
            Invalid: there is no such call, or the parameters are not its; nothing was sent.
            DomainError: the service's error.
        """
        try:
            model = service_model(service).operation_model(operation)
        except Exception as error:
            raise Invalid(f"There is no API call {service} {operation}.") from error
        report = _VALIDATOR.validate(dict(params), model.input_shape) if model.input_shape else None
        if report is not None and report.has_errors():
            problem = ParamValidationError(report=report.generate_report())
            raise Invalid(str(problem))
        session = self._session(role_arn, name)
        request = request_of(service, operation, params, access_key=session.access_key, region=region)
        response = self._handle(request)
        return answer_of(service, operation, response, by_shape=True), response

    def _session(self, role_arn: str, name: str) -> Session:
        return self._sessions.assume(role_arn, name[:64])


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, FileBody):
        with body.file or body.path.open("rb") as source:
            source.seek(body.offset)
            return source.read(body.length)
    return b"".join(body)

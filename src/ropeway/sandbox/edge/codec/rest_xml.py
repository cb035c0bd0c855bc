"""REST-XML: S3. The operation is in method, host, path and query; members in all of them, headers and the body.

``s3_route`` finds the operation, ``rest_xml_parse`` reads requests, ``rest_xml_dump`` writes answers; here are the
four functions that every protocol offers. Streamed bodies stay on the request, and in an answer are handed on.

Source: Smithy, "AWS restXml protocol", and botocore's S3 model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, ServiceModel

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.codec import rest_xml_dump, rest_xml_parse, s3_route
from ropeway.sandbox.edge.codec.xmltext import xml_text
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["fault", "operation_of", "parse", "serialize"]

# S3 has no ValidationException: the member that broke its constraint names the code.
_CODES = {
    "locationConstraint": ("InvalidLocationConstraint", "The specified location-constraint is not valid"),
    "storageClass": ("InvalidStorageClass", "The storage class you specified is not valid"),
}


def operation_of(model: ServiceModel, request: Request) -> str:
    """Which operation a request means.

    Raises:
        DomainError: ``MethodNotAllowed``: no operation has this method here.
    """
    name = s3_route.find(model, request)
    if name is None:
        raise DomainError(
            "The specified method is not allowed against this resource.",
            code="MethodNotAllowed",
            status=405,
            fields={"Method": request.method},
        )
    return name


def parse(model: ServiceModel, operation: OperationModel, request: Request) -> dict[str, Any]:
    """The request's members."""
    return rest_xml_parse.parse(operation, request)


def serialize(
    model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str
) -> Response:
    """The answer to a call that succeeded."""
    return rest_xml_dump.serialize(operation, result, request_id)


def fault(error: DomainError, request_id: str, resource: str) -> Response:
    """The answer to a call that was refused; one that is no error to S3 (304) has no body."""
    headers = [("x-amz-request-id", request_id), *error.headers.items()]
    if error.status == 304:
        return Response(304, headers)
    code, message = _words(error)
    fields = "".join(f"<{name}>{xml_text(value)}</{name}>" for name, value in error.fields.items())
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{xml_text(code)}</Code><Message>{xml_text(message)}</Message>{fields}"
        f"<Resource>{xml_text(resource)}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    headers.append(("Content-Type", "application/xml"))
    return Response(error.status, headers, body.encode("utf-8", "replace"))


def _words(error: DomainError) -> tuple[str, str]:
    if error.code != "ValidationException":
        return error.code, error.message
    for member, words in _CODES.items():
        if f".{member}'" in error.message or f"'{member}'" in error.message:
            return words
    return (
        "MalformedXML" if "." in error.message.partition("' failed")[0] else "InvalidArgument"
    ), error.message

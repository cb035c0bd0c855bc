"""REST-XML: S3. The operation is in method, path and query; members in path, query, headers and body.

Source: Smithy, "AWS restXml protocol", and botocore's S3 model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import OperationModel, ServiceModel

from ropeway.sandbox.domain.errors import DomainError, NotThere
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["fault", "operation_of", "parse", "serialize"]


def operation_of(model: ServiceModel, request: Request) -> str:
    """Which operation a request means."""
    raise NotThere("S3 is not there yet.")


def parse(model: ServiceModel, operation: OperationModel, request: Request) -> dict[str, Any]:
    """The request's members."""
    raise NotThere("S3 is not there yet.")


def serialize(
    model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str
) -> Response:
    """The answer to a call that succeeded."""
    raise NotThere("S3 is not there yet.")


def fault(error: DomainError, request_id: str, resource: str) -> Response:
    """The answer to a call that was refused."""
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in error.fields.items())
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>{fields}"
        f"<Resource>{escape(resource)}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    return Response(
        error.status, [("Content-Type", "application/xml"), ("x-amz-request-id", request_id)], body.encode()
    )

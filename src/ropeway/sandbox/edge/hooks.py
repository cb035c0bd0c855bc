"""What the edge changes in a request before moto answers it, and in moto's answer, per service and operation.

moto keeps Lambda's functions, but S3 is Ropeway's: code that a request names in S3 is put into the request as the
zip's bytes. Every zip on its way is kept by its hash, so that an invocation finds the code that moto describes.
SQS tells policies without spaces, which infrastructure code compares by character; moto puts spaces in.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError, Invalid, NotThere
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.edge import function_checks, function_settings, rule_descriptions, tag_search
from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["after_moto", "before_moto"]

Hook = Callable[[Request, Caller, Domain], Request]

_CODE_MEMBERS = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion")


def before_moto(service: str, operation: str, request: Request, caller: Caller, domain: Domain) -> Request:
    """The request that moto gets.

    Raises:
        DomainError: what the request names is not there, or is not what it should be.
    """
    hook = _HOOKS.get((service, operation))
    return request if hook is None else hook(request, caller, domain)


def after_moto(
    service: str, operation: str, request: Request, response: Response, caller: Caller, domain: Domain
) -> Response:
    """The answer that the caller gets."""
    if response.status >= 300:
        return response
    if (service, operation) == ("sqs", "GetQueueAttributes"):
        return _without_spaces(response)
    if service == "lambda" and operation in function_settings.OPERATIONS:
        return function_settings.complete(operation, request, response, caller, domain)
    if service == "ec2" and operation in rule_descriptions.OPERATIONS:
        return rule_descriptions.complete(operation, request, response, caller, domain)
    if service in tag_search.SERVICES and operation in tag_search.OPERATIONS:
        return tag_search.complete(request, response, caller, domain)
    return response


def _without_spaces(response: Response) -> Response:
    if not isinstance(response.body, bytes):
        return response
    try:
        document = json.loads(response.body)
    except ValueError:  # the query protocol's XML
        return response
    attributes = document.get("Attributes", {})
    for name in ("RedrivePolicy", "RedriveAllowPolicy"):
        if name in attributes:
            attributes[name] = json.dumps(json.loads(attributes[name]), separators=(",", ":"))
    return Response(response.status, response.headers, json.dumps(document).encode())


def _with_code(member: str | None) -> Hook:
    """Code in ``member`` of the body, or in the body itself."""

    def change(request: Request, caller: Caller, domain: Domain) -> Request:
        document = document_of(request.body())
        code = document if member is None else document.get(member, {})
        if not isinstance(code, Mapping):
            raise Invalid(f"{member} must be a structure")
        content = _content(code, caller, domain)
        if content is None:
            return request
        domain.code.put(content)
        kept = {name: value for name, value in code.items() if name not in _CODE_MEMBERS}
        kept["ZipFile"] = base64.b64encode(content).decode()
        return request.with_body(json.dumps(kept if member is None else {**document, member: kept}).encode())

    return change


def _content(code: Mapping[str, Any], caller: Caller, domain: Domain) -> bytes | None:
    if "ZipFile" in code:
        try:
            return base64.b64decode(code["ZipFile"], validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise DomainError("ZipFile is not base64.", code="SerializationException", status=400) from error
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not isinstance(bucket, str) or not isinstance(key, str):
        return None
    try:
        found = domain.objects.local.head(caller.acting, bucket, key)
        content = domain.objects.local.read(caller.acting, bucket, key)
    except DomainError as error:
        raise Invalid(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}",
            code="InvalidParameterValueException",
        ) from error
    version = code.get("S3ObjectVersion")
    if found is not None and version is not None and found.version_id != version:
        raise NotThere("The sandbox takes code from the current version of an S3 object only.")
    return content


def _created(request: Request, caller: Caller, domain: Domain) -> Request:
    return _with_code("Code")(_checked(request, caller, domain), caller, domain)


def _checked(request: Request, caller: Caller, domain: Domain) -> Request:  # noqa: ARG001 - a hook's signature
    function_checks.check_settings(document_of(request.body()))
    return request


def _directed(request: Request, caller: Caller, domain: Domain) -> Request:  # noqa: ARG001 - a hook's signature
    function_checks.check_destinations(document_of(request.body()))
    return request


def _deleted(request: Request, caller: Caller, domain: Domain) -> Request:  # noqa: ARG001 - a hook's signature
    function_checks.check_deletion(request)
    return request


_HOOKS: Mapping[tuple[str, str], Hook] = {
    ("lambda", "CreateFunction"): _created,
    ("lambda", "DeleteFunction"): _deleted,
    ("lambda", "UpdateFunctionConfiguration"): _checked,
    ("lambda", "UpdateFunctionCode"): _with_code(None),
    ("lambda", "PublishLayerVersion"): _with_code("Content"),
    ("lambda", "PutFunctionEventInvokeConfig"): _directed,
    ("lambda", "UpdateFunctionEventInvokeConfig"): _directed,
}

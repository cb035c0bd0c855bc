"""Which service and operation a request means, and whose credentials signed it: tables, not guesses.

* JSON services name their operation in ``X-Amz-Target`` (``SageMaker.CreatePipeline``).
* Query services name it in the form field ``Action``.
* REST services are known by the service name in the signature's scope; their codec finds the operation.
* A request without any of these is S3's (anonymous or presigned by the old scheme).

The scope of the signature must agree with the target, as AWS demands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.operations.wire import Request

__all__ = ["Route", "Scope", "identify", "scope_of"]

# X-Amz-Target prefix → botocore service name, for the services that Ropeway owns operations of.
TARGETS = {
    "AWS242ServiceCatalogService": "servicecatalog",
    "AWSBudgetServiceGateway": "budgets",
    "AWSEvents": "events",
    "AWSStepFunctions": "stepfunctions",
    "AnyScaleFrontendService": "application-autoscaling",
    "SageMaker": "sagemaker",
    "ServiceQuotasV20190624": "service-quotas",
}
# Signing name → botocore service name where the two differ.
SIGNING_NAMES = {
    "application-autoscaling": "application-autoscaling",
    "budgets": "budgets",
    "events": "events",
    "lambda": "lambda",
    "s3": "s3",
    "sagemaker": "sagemaker",
    "scheduler": "scheduler",
    "servicecatalog": "servicecatalog",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "sts": "sts",
}
DEFAULT_REGION = "us-east-1"
# SageMaker Metrics signs as SageMaker does and has no target: its paths tell.
_METRICS = frozenset({"/BatchGetMetrics", "/BatchPutMetrics"})
_RUNTIME = "/endpoints/"  # and so does its runtime

_CREDENTIAL = re.compile(r"Credential=([^,\s]*)")
_LEGACY = re.compile(r"^AWS ([^:]+):")


@dataclass(frozen=True)
class Scope:
    """A signature's credential scope."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True)
class Route:
    """Where a request goes.

    Attributes:
        service: botocore's service name, or the signing name where Ropeway owns nothing.
        operation: the operation where the protocol names it, else None.
    """

    service: str
    operation: str | None
    scope: Scope


def scope_of(request: Request) -> Scope:
    """The credential scope of the header or the presigned query; an anonymous one when there is neither.

    Raises:
        DomainError: the credential does not have the form key/date/region/service/aws4_request.
    """
    header = request.headers.get("authorization", "")
    if header.startswith("AWS4-"):
        match = _CREDENTIAL.search(header)
        return _parse_credential(match.group(1) if match else "")
    legacy = _LEGACY.match(header)
    if legacy:
        return Scope(legacy.group(1), DEFAULT_REGION, "s3")
    query = parse_qs(request.raw_query)
    if "X-Amz-Credential" in query:
        return _parse_credential(query["X-Amz-Credential"][0])
    if "AWSAccessKeyId" in query:
        return Scope(query["AWSAccessKeyId"][0], DEFAULT_REGION, "s3")
    return Scope("", DEFAULT_REGION, "")


def _parse_credential(text: str) -> Scope:
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
        raise DomainError(
            f"Credential must have the form <key>/<date>/<region>/<service>/aws4_request, got {text!r}.",
            code="IncompleteSignature",
            status=400,
        )
    return Scope(access_key=parts[0], region=parts[2], service=parts[3].lower())


def identify(request: Request) -> Route:
    """The service and, where the protocol names it, the operation of a request.

    Raises:
        DomainError: the signature's scope is malformed or is for another service than the target.
    """
    scope = scope_of(request)
    target = request.headers.get("x-amz-target", "")
    if target:
        prefix, _, operation = target.rpartition(".")
        service = TARGETS.get(prefix)
        if service is None:
            return Route(scope.service or prefix, operation, scope)
        if scope.service and SIGNING_NAMES.get(scope.service) != service:
            raise DomainError(
                f"Credential should be scoped to correct service: '{service}'.",
                code="InvalidSignatureException",
                status=403,
            )
        return Route(service, operation, scope)
    action = _action(request)
    if action is not None:
        return Route(scope.service or "sts", action, scope)
    if scope.service == "sagemaker" and request.raw_path in _METRICS:
        return Route("sagemaker-metrics", None, scope)
    if scope.service == "sagemaker" and request.raw_path.startswith(_RUNTIME):
        return Route("sagemaker-runtime", None, scope)
    return Route(SIGNING_NAMES.get(scope.service, scope.service or "s3"), None, scope)


def _action(request: Request) -> str | None:
    query = parse_qs(request.raw_query)
    if "Action" in query and "Version" in query:
        return query["Action"][0]
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        length = request.content_length
        if request.method == "POST" and length is not None and length < 10_000_000:
            form = parse_qs(request.body().decode("utf-8", "replace"))
            if "Action" in form:
                return form["Action"][0]
    return None

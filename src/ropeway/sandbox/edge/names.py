"""What a request to a service that Ropeway does not own is called, and which protocol its caller reads.

Both are asked of botocore's model of the service. Models are large, so they are loaded only where the request
itself does not tell: an operation of a REST service, and the protocol of a refusal.
"""

from __future__ import annotations

import re

from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceModel

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.codec import rest_json
from ropeway.sandbox.edge.faults import no_such_operation
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import Request

__all__ = ["full_name", "guess_protocol", "name_operation"]

_RPC_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")
# Signing name → botocore's name of the service, where the two differ and moto is asked.
_SIGNED_AS = {
    "access-analyzer": "accessanalyzer",
    "airflow": "mwaa",
    "aps": "amp",
    "aoss": "opensearchserverless",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "elasticmapreduce": "emr",
    "email": "ses",
    "mobiletargeting": "pinpoint",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
_NAMED_ELSEWHERE = {
    "json": "the X-Amz-Target header",
    "query": "the form's Action",
    "ec2": "the form's Action",
}


def name_operation(service: str, named: str | None, request: Request) -> str:
    """The operation's name; method and path where there is no better one.

    Raises:
        DomainError: the service's protocol demands a name, and the request has none.
    """
    if named:
        return named
    rpc = _RPC_PATH.fullmatch(request.raw_path)
    if rpc:
        return rpc.group(1)
    plain = f"{request.method} {request.path}"
    if request.raw_path != "/":
        return plain
    model = _model(service)
    place = _NAMED_ELSEWHERE.get(model.metadata["protocol"]) if model is not None else None
    if place is not None:
        raise DomainError(
            f"The request names no operation of {service}: {place} is missing.",
            code="MissingAction",
            status=400,
        )
    return plain


def full_name(service: str, operation: str, request: Request) -> str:
    """The operation of a REST service by its model, for a refusal; as it was where there is none."""
    model = _model(service) if " " in operation else None
    if model is None or not model.metadata["protocol"].startswith("rest-"):
        return operation
    try:
        return rest_json.operation_of(model, request)
    except DomainError as error:
        raise no_such_operation(service, operation) from error


def guess_protocol(service: str, request: Request) -> str:
    """The protocol that the caller of a service reads: what it speaks, else what the service's model says."""
    kind = request.headers.get("content-type", "")
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if "x-amz-target" in request.headers:
        return "json"
    if kind.startswith("application/x-www-form-urlencoded"):
        return "query"
    model = _model(service)
    if model is not None:
        return str(model.metadata["protocol"])
    return "json" if "json" in kind else "rest-xml"


def _model(service: str) -> ServiceModel | None:
    try:
        return service_model(_SIGNED_AS.get(service, service))
    except (UnknownServiceError, ValueError):
        return None

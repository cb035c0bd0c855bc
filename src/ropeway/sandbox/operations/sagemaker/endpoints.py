"""Endpoints: create, update, reweigh, describe, list, delete."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.values.arn import Arn

__all__: list[str] = []


@operation("sagemaker", "CreateEndpoint")
def create(call: Call) -> dict[str, Any]:
    """Start the containers of a configuration."""
    tags = call.params.get("Tags", ())
    made = call.domain.endpoints.create(call.account, call.region, call.params, tags)
    return {"EndpointArn": made.arn}


@operation("sagemaker", "UpdateEndpoint")
def update(call: Call) -> dict[str, Any]:
    """Go over to another configuration."""
    return {"EndpointArn": call.domain.endpoints.update(_arn(call), call.params).arn}


@operation("sagemaker", "UpdateEndpointWeightsAndCapacities")
def reweigh(call: Call) -> dict[str, Any]:
    """Change weights and instance counts."""
    wanted = call.params["DesiredWeightsAndCapacities"]
    return {"EndpointArn": call.domain.endpoints.reweigh(_arn(call), wanted).arn}


@operation("sagemaker", "DescribeEndpoint")
def describe(call: Call) -> dict[str, Any]:
    """An endpoint as it stands."""
    return call.domain.endpoints.describe(_arn(call))


@operation("sagemaker", "ListEndpoints")
def list_endpoints(call: Call) -> dict[str, Any]:
    """Endpoints of the account and region, newest first."""
    listing = pages.listing_of(call.params, equals={"StatusEquals": "status"})
    page = call.domain.endpoints.list(call.account, call.region, listing)
    return pages.answer("Endpoints", page, call.params, _summary)


@operation("sagemaker", "DeleteEndpoint")
def delete(call: Call) -> None:
    """End an endpoint."""
    call.domain.endpoints.delete(_arn(call))


def _arn(call: Call) -> str:
    return str(Arn("sagemaker", call.region, call.account, f"endpoint/{call.params['EndpointName']}"))


def _summary(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": pages.moment(endpoint.created),
        "LastModifiedTime": pages.moment(endpoint.modified),
        "EndpointStatus": endpoint.status,
    }

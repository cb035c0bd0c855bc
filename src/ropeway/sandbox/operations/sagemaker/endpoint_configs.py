"""Endpoint configurations: kept as described, served by ``endpoints``."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.endpoints.configs import completed
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.described import Kind, Members, register

__all__ = ["KIND"]


def _weighted(call: Call, document: Members) -> dict[str, Any]:
    """Variants with what AWS fills in; their models must be there."""
    return completed(document, lambda model: call.domain.models.describe(call.account, call.region, model))


KIND = Kind(
    noun="EndpointConfig",
    resource="endpoint-config/{EndpointConfigName}",
    name="EndpointConfigName",
    missing=("ValidationException", 'Could not find endpoint configuration "{arn}".'),
    list_member=("EndpointConfigs", "EndpointConfigs"),
    made=_weighted,
)
register(KIND)

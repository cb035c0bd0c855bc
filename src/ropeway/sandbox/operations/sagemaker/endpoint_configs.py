"""Endpoint configurations: kept as described, served by ``endpoints``."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.described import Kind, Members, register

__all__ = ["KIND"]


def _weighted(call: Call, document: Members) -> dict[str, Any]:
    """Variants with what AWS fills in; their models must be there."""
    made: dict[str, Any] = {}
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        variants = document.get(member, ())
        names = [variant["VariantName"] for variant in variants]
        if len(set(names)) < len(names):
            raise Invalid(f"Variant names must be unique: {', '.join(names)}")
        for variant in variants:
            if "ModelName" in variant:
                call.domain.models.describe(call.account, call.region, variant["ModelName"])
        if variants:
            made[member] = [{"InitialVariantWeight": 1.0, **variant} for variant in variants]
    return made


KIND = Kind(
    noun="EndpointConfig",
    resource="endpoint-config/{EndpointConfigName}",
    name="EndpointConfigName",
    missing=("ValidationException", 'Could not find endpoint configuration "{arn}".'),
    list_member=("EndpointConfigs", "EndpointConfigs"),
    made=_weighted,
)
register(KIND)

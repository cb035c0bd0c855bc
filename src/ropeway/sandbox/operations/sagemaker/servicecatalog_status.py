"""Whether Studio shows SageMaker's own project templates: a switch per account and region."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "EnableSagemakerServicecatalogPortfolio")
def enable(call: Call) -> dict[str, Any]:
    """Turn it on; again is no error."""
    if call.domain.records.get(_arn(call)) is None:
        record = Record(_arn(call), "CatalogStatus", call.account, call.region, "status", "", 0.0, 0.0, {})
        call.domain.records.create(record, ())
    return {}


@operation("sagemaker", "DisableSagemakerServicecatalogPortfolio")
def disable(call: Call) -> dict[str, Any]:
    """Turn it off; again is no error."""
    call.domain.records.delete(_arn(call))
    return {}


@operation("sagemaker", "GetSagemakerServicecatalogPortfolioStatus")
def status(call: Call) -> dict[str, Any]:
    """Whether it is on."""
    return {"Status": "Disabled" if call.domain.records.get(_arn(call)) is None else "Enabled"}


def _arn(call: Call) -> str:
    return f"arn:aws:sagemaker:{call.region}:{call.account}:servicecatalog-portfolio-status"

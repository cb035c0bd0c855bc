"""Models: create, describe, list, delete."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.models.ports import Model
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "CreateModel")
def create(call: Call) -> dict[str, Any]:
    """Keep a model's description."""
    tags = call.params.get("Tags", ())
    arn = call.domain.models.create(call.account, call.region, call.params, tags, caller=call.caller)
    return {"ModelArn": arn}


@operation("sagemaker", "DescribeModel")
def describe(call: Call) -> dict[str, Any]:
    """A model as it was created."""
    return call.domain.models.describe(call.account, call.region, call.params["ModelName"])


@operation("sagemaker", "ListModels")
def list_models(call: Call) -> dict[str, Any]:
    """Models of the account and region, newest first."""
    page = call.domain.models.list(call.account, call.region, pages.listing_of(call.params))
    return pages.answer("Models", page, call.params, _summary)


@operation("sagemaker", "DeleteModel")
def delete(call: Call) -> None:
    """Forget a model."""
    call.domain.models.delete(call.account, call.region, call.params["ModelName"])


def _summary(model: Model) -> dict[str, Any]:
    return {
        "ModelName": model.name,
        "ModelArn": model.arn,
        "CreationTime": pages.moment(model.created),
    }

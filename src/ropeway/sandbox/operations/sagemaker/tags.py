"""Tags of SageMaker resources, by ARN.

A resource of Ropeway's must exist (``_FIND`` says who knows); resources of moto's are looked up there. Tags of
another account's resource are nobody's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ropeway.sandbox.domain.errors import Denied, Invalid
from ropeway.sandbox.domain.lineage.service import NOUNS
from ropeway.sandbox.domain.listing import Cursor, Page
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.values.arn import Arn

__all__: list[str] = []


def _job(call: Call, arn: str) -> object:
    return call.domain.jobs.get(arn)


def _model(call: Call, arn: str) -> object:
    parsed = Arn.parse(arn)
    return call.domain.models.describe(parsed.account, parsed.region, parsed.name)


def _entity(call: Call, arn: str) -> object:
    return call.domain.lineage.get(arn, call.account)


def _pipeline(call: Call, arn: str) -> object:
    if "/execution/" in arn:
        return call.domain.executions.get(arn, call.account)
    return call.domain.pipelines.get(arn, call.account, call.region)


_FIND: dict[str, Callable[[Call, str], object]] = {
    "processing-job": _job,
    "training-job": _job,
    "transform-job": _job,
    "hyper-parameter-tuning-job": lambda call, arn: call.domain.tunings.get(arn),
    **dict.fromkeys(NOUNS, _entity),
    "endpoint": lambda call, arn: call.domain.endpoints.get(arn),
    "model": _model,
    "pipeline": _pipeline,
    "model-package-group": lambda call, arn: call.domain.registry.groups.get(arn, call.account, call.region),
    "model-package": lambda call, arn: call.domain.registry.describe_package(arn, call.account, call.region),
}


_DESCRIBED = frozenset(
    {
        "app",
        "code-repository",
        "data-quality-job-definition",
        "domain",
        "endpoint-config",
        "model-bias-job-definition",
        "model-explainability-job-definition",
        "model-quality-job-definition",
        "space",
        "studio-lifecycle-config",
        "user-profile",
    }
)


@operation("sagemaker", "AddTags")
def add(call: Call) -> dict[str, Any]:
    """Set tags; tells all that the resource then has."""
    return {"Tags": call.domain.tags.add(_resource(call), call.params["Tags"])}


@operation("sagemaker", "ListTags")
def list_tags(call: Call) -> dict[str, Any]:
    """A resource's tags."""
    tags = call.domain.tags.list(_resource(call))
    listing = pages.listing_of(call.params, limit=50)
    start = listing.after.row if listing.after else 0
    end = start + listing.limit
    page = Page(tags[start:end], Cursor("", end) if end < len(tags) else None)
    return pages.answer("Tags", page, call.params, dict)


@operation("sagemaker", "DeleteTags")
def delete(call: Call) -> dict[str, Any]:
    """Take tags away."""
    call.domain.tags.remove(_resource(call), call.params["TagKeys"])
    return {}


def _resource(call: Call) -> str:
    """The resource's ARN, when the caller may tag it and it exists."""
    text: str = call.params["ResourceArn"]
    arn = Arn.parse(text)
    if arn.account != call.account:
        raise Denied(
            f"User: {call.caller.arn} is not authorized to perform: sagemaker:{call.operation} "
            f"on resource: {text} because no resource-based policy allows the sagemaker:{call.operation} action"
        )
    find = _FIND.get(arn.kind)
    if find is not None:
        find(call, text)
    elif arn.kind in _DESCRIBED and call.domain.records.get(text) is None:
        raise Invalid(f"Could not find resource {text}.")
    return text

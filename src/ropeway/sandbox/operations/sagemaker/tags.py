"""Tags of SageMaker resources, by ARN."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.listing import Cursor, Page
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "AddTags")
def add(call: Call) -> dict[str, Any]:
    """Set tags; tells all that the resource then has."""
    return {"Tags": call.domain.tags.add(call.params["ResourceArn"], call.params["Tags"])}


@operation("sagemaker", "ListTags")
def list_tags(call: Call) -> dict[str, Any]:
    """A resource's tags."""
    tags = call.domain.tags.list(call.params["ResourceArn"])
    listing = pages.listing_of(call.params, limit=50)
    start = listing.after.row if listing.after else 0
    end = start + listing.limit
    page = Page(tags[start:end], Cursor("", end) if end < len(tags) else None)
    return pages.answer("Tags", page, call.params, dict)


@operation("sagemaker", "DeleteTags")
def delete(call: Call) -> dict[str, Any]:
    """Take tags away."""
    call.domain.tags.remove(call.params["ResourceArn"], call.params["TagKeys"])
    return {}

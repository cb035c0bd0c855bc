"""Lists, the API's way: SortBy, SortOrder, MaxResults, NextToken and the filters that lists share.

A token is opaque to the caller: the place to go on from with a digest of the filters it was made for. A token
that is not ours, or that comes with other filters, is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.listing import Cursor, Listing, Page

__all__ = ["answer", "listing_of", "moment"]

T = TypeVar("T")

_SORT = {
    "PipelineExecutionArn": "name",
    "CreationTime": "created",
    "LastModifiedTime": "modified",
    "Name": "name",
    "Status": "status",
}
_PAGING = {"NextToken", "MaxResults"}


def listing_of(
    params: Mapping[str, Any],
    *,
    equals: Mapping[str, str] | None = None,
    sort: str = "CreationTime",
    order: str = "Descending",
    limit: int = 10,
) -> Listing:
    """What a List call asks for.

    Args:
        params: the call's input.
        equals: for every filter of this list that compares exactly, its parameter and its column
            (``{"StatusEquals": "status"}``).
        sort: the list's default for SortBy.
        order: the list's default for SortOrder.
        limit: the list's default for MaxResults.

    Raises:
        Invalid: the token is not one of this list's.
    """
    wanted = {column: params[name] for name, column in (equals or {}).items() if name in params}
    return Listing(
        sort=_SORT[params.get("SortBy", sort)],
        descending=params.get("SortOrder", order) == "Descending",
        limit=params.get("MaxResults", limit),
        after=_cursor(params),
        name_contains=params.get("NameContains"),
        created_after=_epoch(params.get("CreationTimeAfter", params.get("CreatedAfter"))),
        created_before=_epoch(params.get("CreationTimeBefore", params.get("CreatedBefore"))),
        modified_after=_epoch(params.get("LastModifiedTimeAfter")),
        modified_before=_epoch(params.get("LastModifiedTimeBefore")),
        equals=wanted,
    )


def answer(
    member: str, page: Page[T], params: Mapping[str, Any], summary: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """A List call's output: the summaries under ``member``, and a token while there is more."""
    result: dict[str, Any] = {member: [summary(item) for item in page.items]}
    if page.next is not None:
        document = json.dumps([_digest(params), page.next.value, page.next.row])
        result["NextToken"] = base64.urlsafe_b64encode(document.encode()).decode()
    return result


def moment(epoch: float | None) -> datetime | None:
    """Epoch seconds as the API's timestamp."""
    return None if epoch is None else datetime.fromtimestamp(epoch, tz=timezone.utc)


def _cursor(params: Mapping[str, Any]) -> Cursor | None:
    token = params.get("NextToken")
    if not token:
        return None
    try:
        digest, value, row = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid("Invalid pagination token.") from error
    if digest != _digest(params) or not isinstance(value, str | int | float) or not isinstance(row, int):
        raise Invalid("Invalid pagination token: it was made for a request with other filters.")
    return Cursor(value, row)


def _digest(params: Mapping[str, Any]) -> str:
    filters = {name: str(value) for name, value in params.items() if name not in _PAGING}
    return hashlib.sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:12]


def _epoch(value: datetime | None) -> float | None:
    return None if value is None else value.timestamp()

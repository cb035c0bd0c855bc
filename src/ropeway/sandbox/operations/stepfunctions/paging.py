"""Lists of Step Functions: ``maxResults``, ``nextToken``, a hundred by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.operations import pages

__all__ = ["answer", "listing_of", "sliced"]

T = TypeVar("T")
_DEFAULT = 100


def listing_of(params: Mapping[str, Any], *, equals: Mapping[str, str] | None = None, sort: str) -> Listing:
    """What a List call asks for, sorted by ``Name`` upwards or by ``CreationTime`` downwards.

    Raises:
        DomainError: ``InvalidToken``.
    """
    order = "Ascending" if sort == "Name" else "Descending"
    try:
        return pages.listing_of(
            _spelled(params),
            equals=equals,
            sort=sort,
            order=order,
            limit=params.get("maxResults") or _DEFAULT,
        )
    except Invalid as error:
        raise refused("InvalidToken", "Invalid Token: 'Invalid token'") from error


def answer(
    member: str, page: Page[T], params: Mapping[str, Any], summary: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """A List call's output."""
    result = pages.answer(member, page, _spelled(params), summary)
    if "NextToken" in result:
        result["nextToken"] = result.pop("NextToken")
    return result


def sliced(
    member: str, items: Sequence[T], params: Mapping[str, Any], summary: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """One page of what is at hand as a whole; the token is the number of the first item of the next page.

    Raises:
        DomainError: ``InvalidToken``.
    """
    token = params.get("nextToken") or "0"
    if not token.isdigit():
        raise refused("InvalidToken", "Invalid Token: 'Invalid token'")
    start = int(token)
    end = start + (params.get("maxResults") or _DEFAULT)
    result: dict[str, Any] = {member: [summary(item) for item in items[start:end]]}
    if end < len(items):
        result["nextToken"] = str(end)
    return result


def _spelled(params: Mapping[str, Any]) -> dict[str, Any]:
    names = {"nextToken": "NextToken", "statusFilter": "StatusEquals", "redriveFilter": "Redrives"}
    return {names.get(name, name): value for name, value in params.items() if name != "maxResults"}

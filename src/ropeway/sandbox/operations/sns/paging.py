"""Lists of SNS: a hundred at a time, the token is the number of the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ropeway.sandbox.domain.topics.service import wrong

__all__ = ["page"]

T = TypeVar("T")
_MOST = 100


def page(
    member: str, items: Sequence[T], params: Mapping[str, Any], summary: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """One page.

    Raises:
        DomainError: the token is none of ours.
    """
    token = params.get("NextToken") or "0"
    if not token.isdigit():
        raise wrong("NextToken")
    start = int(token)
    answer: dict[str, Any] = {member: [summary(each) for each in items[start : start + _MOST]]}
    if start + _MOST < len(items):
        answer["NextToken"] = str(start + _MOST)
    return answer

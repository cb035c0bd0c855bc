"""Lists of EventBridge: ``Limit`` and ``NextToken`` over what is sorted already."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ropeway.sandbox.domain.errors import Invalid

__all__ = ["page"]

T = TypeVar("T")


def page(
    items: Sequence[T], params: Mapping[str, Any], limit: str = "Limit"
) -> tuple[Sequence[T], dict[str, str]]:
    """The part of a list that a call asks for, and the token of the next part, if there is one."""
    start = 0
    if params.get("NextToken"):
        try:
            start = int(base64.b64decode(params["NextToken"], validate=True))
        except (binascii.Error, ValueError) as error:
            raise Invalid("NextToken is not valid.") from error
    end = start + params.get(limit, 100)
    more = {"NextToken": base64.b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return items[start:end], more

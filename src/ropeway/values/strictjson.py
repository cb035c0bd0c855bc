"""JSON as the standard has it: no NaN, no infinity, no half of a surrogate pair, no endless depth.

Python's reader takes these, and what then holds them cannot be written, stored or sent any more.
"""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["loads"]


def loads(text: str | bytes) -> Any:
    """Read a document.

    Raises:
        ValueError: it is not JSON in UTF-8, is nested too deep, or has a number or a text that nothing can hold.
    """
    written = text if isinstance(text, str) else text.decode("utf-8")
    try:
        value = json.loads(written, parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if "\\ud" in written.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError("it has half of a surrogate pair") from error
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")

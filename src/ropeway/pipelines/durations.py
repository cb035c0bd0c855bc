"""Durations as caches write them: ``30d``, ``P30D``, ``PT1H``, ``T16m``, ``30dT5h``.

ISO 8601's form with the ``P`` optional and letters in either case, as SageMaker's documentation and SDKs use it.
"""

from __future__ import annotations

import re

__all__ = ["seconds_of"]

_FORM = re.compile(
    r"P?(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T?(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
)
_SECONDS = {
    "years": 365 * 86_400,
    "months": 30 * 86_400,
    "weeks": 7 * 86_400,
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
}


def seconds_of(text: str) -> float:
    """A duration in seconds.

    Raises:
        ValueError: the text is no duration.
    """
    match = _FORM.fullmatch(text)
    parts = {name: value for name, value in match.groupdict().items() if value} if match else {}
    if not parts:
        raise ValueError(f"{text!r} is no duration; write it like P30D, PT1H or 30dT5h")
    return float(sum(int(value) * _SECONDS[name] for name, value in parts.items()))

"""Retry and Catch: which rule an error meets, and how long to wait."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.statemachines.errors import DATA_LIMIT, HEARTBEAT, RUNTIME, TASK_FAILED, TIMEOUT

__all__ = ["Again", "catcher", "retry"]

_ALL = "States.ALL"
_LONGEST = 31_622_400  # a year, which no execution outlives
_UNCAUGHT = {RUNTIME, DATA_LIMIT}


@dataclass(frozen=True)
class Again:
    """One more try.

    Attributes:
        delay: seconds to wait before it.
        tries: how often each rule has been used, this time included.
    """

    delay: float
    tries: Sequence[int]


def retry(state: Mapping[str, Any], error: str, tries: Sequence[int]) -> Again | None:
    """Whether a state is tried again after an error: the first rule that names it decides."""
    rules = state.get("Retry", ())
    used = [*tries, *[0] * (len(rules) - len(tries))]
    for number, rule in enumerate(rules):
        if not _names(rule["ErrorEquals"], error):
            continue
        if used[number] >= rule.get("MaxAttempts", 3):
            return None
        delay = _delay(rule, used[number])
        if rule.get("JitterStrategy") == "FULL":
            delay = random.SystemRandom().uniform(0, delay)
        used[number] += 1
        return Again(delay, used)
    return None


def _delay(rule: Mapping[str, Any], used: int) -> float:
    longest: float = rule.get("MaxDelaySeconds", _LONGEST)
    try:
        delay: float = rule.get("IntervalSeconds", 1) * rule.get("BackoffRate", 2.0) ** used
    except OverflowError:
        return longest
    return min(delay, longest)


def catcher(state: Mapping[str, Any], error: str) -> Mapping[str, Any] | None:
    """The first catcher that names an error."""
    for rule in state.get("Catch", ()):
        if _names(rule["ErrorEquals"], error):
            found: Mapping[str, Any] = rule
            return found
    return None


def _names(names: Sequence[str], error: str) -> bool:
    if error in names:
        return True
    if error in _UNCAUGHT:
        return False
    if error == HEARTBEAT and TIMEOUT in names:
        return True
    return _ALL in names or (TASK_FAILED in names and error not in {TIMEOUT, HEARTBEAT})

"""A training job's metrics: what regular expressions find in its log. The last value is the final one."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

__all__ = ["final_metrics", "implicit_metrics", "metric_values"]

_log = logging.getLogger(__name__)
_ROUND = re.compile(r"^\[\d+\]#011")
_VALUE = re.compile(r"#011(train|validation)-([^:\s#]+):([-+.\dinfaeE]+)")


def final_metrics(log: Path, definitions: Mapping[str, str]) -> dict[str, float]:
    """The last value of each metric.

    Args:
        log: the job's log.
        definitions: regular expressions by metric name; the first group is the value. One that does not compile
            finds nothing.
    """
    patterns = {name: pattern for name, text in definitions.items() if (pattern := _compile(name, text))}
    found: dict[str, float] = {}
    if not patterns or not log.exists():
        return found
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            for name, pattern in patterns.items():
                match = pattern.search(line)
                value = _number(match.group(1)) if match and pattern.groups else None
                if value is not None:
                    found[name] = value
    return found


def implicit_metrics(log: Path) -> dict[str, float]:
    """What the built-in XGBoost has without being asked: ``train:rmse`` and ``validation:auc``, say."""
    found: dict[str, float] = {}
    if not log.exists():
        return found
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if _ROUND.match(line):
                for channel, metric, text in _VALUE.findall(line):
                    value = _number(text)
                    if value is not None:
                        found[f"{channel}:{metric}"] = value
    return found


def metric_values(log: Path, name: str, expression: str | None) -> list[float]:
    """All values of one metric, in order.

    Args:
        log: the job's log, which may still grow.
        name: the metric's name.
        expression: its regular expression; None for what the built-in XGBoost prints of itself.
    """
    if not log.exists() or (expression is not None and _compile(name, expression) is None):
        return []
    with log.open(encoding="utf-8", errors="replace") as lines:
        if expression is None:
            texts = (
                text
                for line in lines
                if _ROUND.match(line)
                for channel, metric, text in _VALUE.findall(line)
                if f"{channel}:{metric}" == name
            )
        else:
            pattern = re.compile(expression)
            matches = (pattern.search(line) for line in lines)
            texts = (match.group(1) for match in matches if match and pattern.groups)
        return [value for text in texts if (value := _number(text)) is not None]


def _compile(name: str, text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error as error:
        _log.warning("metric %s: %r is no regular expression: %s", name, text, error)
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None

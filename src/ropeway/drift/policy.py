"""What counts as an alarm: levels, thresholds, severities, for all columns and for single ones.

Everything has a default, so a policy says only what is to be otherwise. What it does not say comes from the baseline's
constraints. ``docs/reference/drift-policy.md`` tells every key; ``policyfile`` reads it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

__all__ = ["CHECKS", "SEVERITIES", "Policy", "Rule"]

CHECKS = ("schema", "type", "completeness", "categories", "range", "non_negative", "drift")
SEVERITIES = ("error", "warning", "off")


@dataclass(frozen=True)
class Rule:
    """What a policy says of one check; None: nothing.

    Attributes:
        severity: ``error`` (a violation), ``warning`` (told, no violation) or ``off``.
        least, greatest: the lowest completeness; the bounds of a range.
        share: of the cells that must be of the type, or in the set of categories.
        allowed: the categories.
        wanted: whether numbers must not be negative.
        method: how the distribution is compared.
        threshold: the distance from which on a difference matters.
        alpha: the level of significance.
    """

    severity: str | None = None
    least: float | None = None
    greatest: float | None = None
    share: float | None = None
    allowed: tuple[str, ...] | None = None
    wanted: bool | None = None
    method: str | None = None
    threshold: float | None = None
    alpha: float | None = None

    def over(self, other: Rule) -> Rule:
        """This rule, and another one where this says nothing."""
        merged = {
            name: value if value is not None else getattr(other, name) for name, value in vars(self).items()
        }
        return Rule(**merged)


@dataclass(frozen=True)
class Policy:
    """A policy.

    Attributes:
        alpha: how often clean data may raise an alarm.
        correction: for many tests at once: ``holm``, ``bh`` or ``none``.
        missing: texts that stand for missing values, the empty one among them; None: the reader's.
        defaults: rules by check, for all columns.
        columns: rules by check, by column or pattern of columns.
        ignored: columns, or patterns of them, that are not looked at.
        alarm, window: an alarm is raised where so many of the last so many batches are in violation.
    """

    alpha: float = 0.01
    correction: str = "holm"
    missing: tuple[str, ...] | None = None
    defaults: Mapping[str, Rule] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Rule]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    alarm: int = 1
    window: int = 1

    def rule(self, column: str, check: str) -> Rule:
        """What holds for a check of a column: its own entry, then patterns in their order, then the defaults."""
        found = self.columns.get(column, {}).get(check, Rule())
        for pattern, rules in self.columns.items():
            if pattern != column and fnmatch.fnmatchcase(column, pattern):
                found = found.over(rules.get(check, Rule()))
        return found.over(self.defaults.get(check, Rule()))

    def unused(self, names: Collection[str]) -> list[str]:
        """Columns and patterns of the policy that fit none of the names: slips of the pen, perhaps."""
        told = dict.fromkeys([*self.columns, *self.ignored])
        return [each for each in told if each not in names and not fnmatch.filter(names, each)]

    def ignores(self, column: str) -> bool:
        """Whether a column is not looked at."""
        return any(fnmatch.fnmatchcase(column, pattern) for pattern in self.ignored)

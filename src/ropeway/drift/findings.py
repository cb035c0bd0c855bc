"""What a check comes to: findings, and what is known of each column; and Model Monitor's file of violations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.drift.distances import Comparison
from ropeway.drift.summaries import Column

__all__ = ["CHECK_TYPES", "ColumnResult", "Finding", "Result", "dump_violations"]

# Model Monitor knows six types; what it has no type for goes by the nearest one. Drift is what chance does not explain:
# a value that a column cannot have (beyond bounds that were given, or negative) is of the wrong type, however rare.
CHECK_TYPES: Mapping[str, str] = {
    "type": "data_type_check",
    "completeness": "completeness_check",
    "drift": "baseline_drift_check",
    "range": "baseline_drift_check",
    "bounds": "data_type_check",
    "non_negative": "data_type_check",
    "missing_column": "missing_column_check",
    "extra_column": "extra_column_check",
    "categories": "categorical_values_check",
    "quality": "model_quality_check",
}


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        column: where; empty for the whole table.
        check: a key of ``CHECK_TYPES``.
        severity: ``error`` or ``warning``.
        text: what was found, and what should be.
        outright: whether a rule was broken that leaves nothing to chance.
    """

    column: str
    check: str
    severity: str
    text: str
    outright: bool = False

    @property
    def type(self) -> str:
        """Model Monitor's name of the check."""
        return CHECK_TYPES["bounds" if self.check == "range" and self.outright else self.check]


@dataclass(frozen=True)
class ColumnResult:
    """One column of both tables.

    Attributes:
        before, after: as they are; None where a table lacks it.
        comparison: of their distributions, where they can be compared.
        method: the distance that decides.
        threshold: from which on it matters.
        p: the corrected p-value of that distance.
        findings: of this column.
    """

    name: str
    before: Column | None
    after: Column | None
    comparison: Comparison | None = None
    method: str | None = None
    threshold: float | None = None
    p: float | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def distance(self) -> float | None:
        """The distance that decides."""
        if self.comparison is None or self.method is None:
            return None
        return self.comparison.distances[self.method].value

    @property
    def state(self) -> str:
        """``error``, ``warning`` or ``ok``."""
        found = {finding.severity for finding in self.findings}
        return "error" if "error" in found else "warning" if found else "ok"


@dataclass(frozen=True)
class Result:
    """A whole check.

    Attributes:
        rows: of the baseline, and of the data.
        tests: how many tests were made at once.
        alpha, correction: how they were held against chance.
    """

    rows: tuple[int, int]
    columns: tuple[ColumnResult, ...]
    tests: int
    alpha: float
    correction: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order of the columns."""
        return tuple(finding for column in self.columns for finding in column.findings)

    @property
    def violations(self) -> tuple[Finding, ...]:
        """Those that are errors."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def dump_violations(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """``constraint_violations.json``."""
    return {
        "violations": [
            {
                "feature_name": finding.column,
                "constraint_check_type": finding.type,
                "description": finding.text,
            }
            for finding in findings
        ]
    }

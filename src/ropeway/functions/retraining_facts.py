"""What a retraining goes by: its settings, executions of pipelines, and what the reports of checks say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["DRIFT", "Execution", "Settings", "Verdict", "judge"]

# Of Model Monitor's kinds of violations; all others are bad data: data_type_check, completeness_check,
# missing_column_check, extra_column_check, categorical_values_check.
DRIFT = frozenset({"baseline_drift_check"})
_METADATA = ("QualityCheck", "ClarifyCheck")


@dataclass(frozen=True)
class Settings:
    """What a use case allows.

    Attributes:
        use_case: its name, for people.
        inference, train: names of pipelines.
        checks: steps of ``inference`` that check.
        topic: ARN of the topic that is told.
        drift: kinds of violations that are drift.
        parameters: what every retraining is given.
        windows_needed, windows_of: drift in so many of the last so many executions.
        cool_down_hours: from one retraining for drift to the next.
        budget_retrainings, budget_days: at most so many in so many days.
    """

    use_case: str
    inference: str
    train: str
    checks: frozenset[str]
    topic: str
    drift: frozenset[str] = DRIFT
    parameters: Mapping[str, str] = field(default_factory=dict)
    windows_needed: int = 1
    windows_of: int = 1
    cool_down_hours: float = 24
    budget_retrainings: int = 3
    budget_days: float = 30

    @staticmethod
    def read(text: str) -> Settings:
        """The settings as JSON, with ``windows`` (``needed``, ``of``) and ``budget`` (``retrainings``, ``days``).

        Raises:
            ValueError: it is no such JSON, or a key is missing or unknown.
        """
        try:
            told: dict[str, Any] = json.loads(text)
            windows, budget = told.pop("windows", {}), told.pop("budget", {})
            told |= {f"windows_{key}": value for key, value in windows.items()}
            told |= {f"budget_{key}": value for key, value in budget.items()}
            told |= {key: frozenset(told[key]) for key in ("checks", "drift") if key in told}
            return Settings(**told)
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"RETRAINING does not describe a retraining: {error}") from error


@dataclass(frozen=True)
class Execution:
    """One execution of a pipeline."""

    arn: str
    name: str
    status: str
    started: datetime

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status in {"Executing", "Stopping"}


@dataclass(frozen=True)
class Verdict:
    """What the checks of one execution say together.

    Attributes:
        state: ``clean``; ``no report`` when a check failed without one; ``bad data``; ``drift``.
        lines: what was found, a column or a failure each.
        report: the S3 address of the report that decides.
        job: the ARN of the job that wrote it.
    """

    state: str
    lines: tuple[str, ...] = ()
    report: str | None = None
    job: str | None = None


def judge(steps: Iterable[Mapping[str, Any]], read: Callable[[str], bytes], drift: frozenset[str]) -> Verdict:
    """What the checks of an execution say; the worst counts, and bad data are worse than drift.

    Args:
        steps: the steps that check, as ListPipelineExecutionSteps has them.
        read: reads a report.
        drift: kinds of violations that are drift.
    """
    verdicts = [_one(step, read, drift) for step in steps]
    for state in ("bad data", "no report", "drift"):
        found = [verdict for verdict in verdicts if verdict.state == state]
        if found:
            lines = tuple(line for verdict in found for line in verdict.lines)
            return Verdict(state, lines, found[0].report, found[0].job)
    return Verdict("clean")


def _one(step: Mapping[str, Any], read: Callable[[str], bytes], drift: frozenset[str]) -> Verdict:
    metadata = step.get("Metadata") or {}
    told: Mapping[str, Any] = next((metadata[kind] for kind in _METADATA if kind in metadata), {})
    report, job = told.get("ViolationReport"), told.get("CheckJobArn")
    if not report:
        if step.get("StepStatus") != "Failed":
            return Verdict("clean")
        why = " ".join(str(step.get("FailureReason") or "no reason is given").split())
        return Verdict("no report", (f"{step['StepName']}: {why}",), None, job)
    violations = _violations(read(report))
    if not violations:
        why = "no violation" if violations is not None else "nothing that can be read"
        return Verdict("no report", (f"{step['StepName']}: its report holds {why}",), report, job)
    bad = [each for each in violations if each.get("constraint_check_type") not in drift]
    return Verdict("bad data" if bad else "drift", tuple(map(_line, violations)), report, job)


def _violations(body: bytes) -> list[Mapping[str, Any]] | None:
    try:
        found = json.loads(body)["violations"]
        return [each for each in found if isinstance(each, Mapping)]
    except (ValueError, KeyError, TypeError):
        return None


def _line(violation: Mapping[str, Any]) -> str:
    what = violation.get("feature_name") or violation.get("metric_name") or "the data"
    text = " ".join(
        str(violation.get("description", "")).split()
    )  # one line: it goes into a description, too
    return f"{what}: {text} ({violation.get('constraint_check_type')})"

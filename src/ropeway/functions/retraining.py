"""Decides whether a failed check retrains: only drift does, and only as often as the use case allows.

It takes SageMaker's event of a step that failed and decides by facts alone; it keeps nothing. In this order:

- a check that failed without a report (an empty file, a broken script, a missing permission) is not drift;
- a violation of another kind than drift (missing values, a renamed column, a wrong type) is bad data;
- drift retrains when enough of the last executions drifted, nothing is being trained, the cool-down is over and the
  budget is not spent. Every refusal is told with its numbers.

An event that comes again starts nothing again and is told again: a mail twice harms less than none. "Now" is the
event's time, so that a late or repeated event is decided as it was. What fails is raised: Lambda tries again, and
then keeps the event in the queue. ``RETRAINING`` is the configuration, as ``Settings.read`` wants it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any, Protocol

import boto3

from ropeway.functions import forges
from ropeway.functions.retraining_aws import Aws
from ropeway.functions.retraining_facts import Execution, Settings, Verdict, judge

__all__ = ["People", "Pipelines", "handler", "run"]

_PREFIX = "drift-"
_LONGEST = 1024  # of a parameter's value
_LISTED = 40  # columns in a mail
_LOOK_BACK = timedelta(days=30)  # an execution that trains for longer is not seen as running


class Pipelines(Protocol):
    """The executions of pipelines, and how they start."""

    def began(self, execution: str) -> datetime:
        """When an execution began."""

    def ended_before(self, pipeline: str, moment: datetime, count: int) -> Sequence[Execution]:
        """The last executions that began before and have ended, newest first."""

    def since(self, pipeline: str, moment: datetime) -> Sequence[Execution]:
        """Every execution that began since then, newest first."""

    def checks(self, execution: str, names: frozenset[str]) -> Sequence[Mapping[str, Any]]:
        """The steps of these names, as ListPipelineExecutionSteps has them."""

    def report(self, uri: str) -> bytes:
        """A report in S3."""

    def data(self, job: str) -> str | None:
        """Where the data lie that a check's job read."""

    def declared(self, pipeline: str) -> frozenset[str]:
        """The names of a pipeline's parameters."""

    def start(self, request: Mapping[str, Any]) -> str:
        """StartPipelineExecution; the execution's ARN."""


class People(Protocol):
    """Who is told."""

    def tell(self, subject: str, text: str) -> None:
        """Send a message."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Lambda's entry."""
    settings = Settings.read(forges.environ().get("RETRAINING", ""))
    aws = Aws(boto3.client("sagemaker"), boto3.client("s3"), boto3.client("sns"), settings.topic)
    return run(event, settings, aws, aws)


def run(event: Mapping[str, Any], settings: Settings, pipelines: Pipelines, people: People) -> dict[str, Any]:
    """Decide on one failed step, and act.

    Args:
        event: SageMaker's event of a step.
        settings: what the use case allows.
        pipelines: where the facts are.
        people: who is told.

    Returns:
        ``outcome``: ``ignored``, ``check failed``, ``bad data``, ``refused`` or ``started``; with it ``reasons`` or the
        ``execution`` that retrains.
    """
    detail = event["detail"]
    ours = str(detail.get("pipelineArn", "")).rpartition("/")[2].lower() == settings.inference.lower()
    if (
        not ours
        or detail.get("stepName") not in settings.checks
        or detail.get("currentStepStatus") != "Failed"
    ):
        return {"outcome": "ignored"}
    execution = str(detail["pipelineExecutionArn"])
    verdict = judge(pipelines.checks(execution, settings.checks), pipelines.report, settings.drift)
    case = _Case(settings, execution, _moment(str(event["time"])), verdict, pipelines, people)
    if verdict.state != "drift":
        return case.not_drift()
    return case.drifted()


def _moment(text: str) -> datetime:
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)


class _Case:
    """One execution whose check failed."""

    def __init__(
        self,
        settings: Settings,
        execution: str,
        now: datetime,
        verdict: Verdict,
        pipelines: Pipelines,
        people: People,
    ) -> None:
        self.settings, self.execution, self.now, self.verdict = settings, execution, now, verdict
        self.pipelines, self.people = pipelines, people
        self.name = f"{_PREFIX}{execution.rpartition('/')[2]}"

    def not_drift(self) -> dict[str, Any]:
        title = "bad data" if self.verdict.state == "bad data" else "check failed"
        why = (
            "The data break the baseline's rules otherwise than by drift: look at where they come from."
            if title == "bad data"
            else "The check itself did not work: this says nothing about drift."
        )
        self._tell(f"{title}, no retraining", [why])
        return {"outcome": title, "reasons": list(self.verdict.lines)}

    def drifted(self) -> dict[str, Any]:
        settings, now = self.settings, self.now
        longest = max(
            _LOOK_BACK, timedelta(hours=settings.cool_down_hours), timedelta(days=settings.budget_days)
        )
        trained = self.pipelines.since(settings.train, now - longest)
        mine = next((each for each in trained if each.name == self.name), None)
        if mine is None:
            reasons = [*self._windows(), *self._times(trained)]
            if reasons:
                self._tell("drift, no retraining", [f"Not retrained: {reason}." for reason in reasons])
                return {"outcome": "refused", "reasons": reasons}
        arn = mine.arn if mine else self._start()
        self._tell("retraining started", [f"Retraining: {arn}"])
        return {"outcome": "started", "execution": arn}

    def _windows(self) -> list[str]:
        settings = self.settings
        others: Sequence[Execution] = ()
        if settings.windows_of > 1:
            began = self.pipelines.began(self.execution)
            found = self.pipelines.ended_before(settings.inference, began, settings.windows_of)
            others = [each for each in found if each.arn != self.execution][: settings.windows_of - 1]
        drifted = 1 + sum(self._drifted(each.arn) for each in others)
        if drifted >= settings.windows_needed:
            return []
        seen = f"drift in {drifted} of the last {1 + len(others)} executions of {settings.inference}"
        return [f"{seen}, and {settings.windows_needed} of {settings.windows_of} are needed"]

    def _drifted(self, execution: str) -> bool:
        steps = self.pipelines.checks(execution, self.settings.checks)
        return judge(steps, self.pipelines.report, self.settings.drift).state == "drift"

    def _times(self, trained: Sequence[Execution]) -> list[str]:
        settings = self.settings
        reasons = [
            f"{settings.train} is running already, since {each.started:%Y-%m-%d %H:%M} UTC: {each.arn}"
            for each in trained
            if each.running
        ]
        ours = [each for each in trained if each.name.startswith(_PREFIX)]
        if ours:
            last = max(ours, key=lambda each: each.started)
            hours = (self.now - last.started).total_seconds() / 3600
            if hours < settings.cool_down_hours:
                reasons.append(
                    f"the last retraining for drift ({last.name}) began {max(0.0, hours):.1f} hours before,"
                    f" and the cool-down is {settings.cool_down_hours:g} hours"
                )
        since = self.now - timedelta(days=settings.budget_days)
        spent = sum(each.started > since for each in ours)
        if spent >= settings.budget_retrainings:
            reasons.append(
                f"{spent} retrainings for drift in the last {settings.budget_days:g} days,"
                f" and the budget is {settings.budget_retrainings}"
            )
        return reasons

    def _start(self) -> str:
        settings, verdict = self.settings, self.verdict
        reason = f"{settings.inference} found drift: {'; '.join(verdict.lines)}"[:_LONGEST]
        told = {
            "RetrainingReason": reason,
            "DriftReportUrl": verdict.report or "",
            "DriftedDataUrl": self._data or "",
        }
        declared = self.pipelines.declared(settings.train)
        passed = {**settings.parameters, **{name: text for name, text in told.items() if name in declared}}
        return self.pipelines.start(
            {
                "PipelineName": settings.train,
                "PipelineExecutionDisplayName": self.name,
                "PipelineExecutionDescription": reason,
                "ClientRequestToken": hashlib.sha256(self.execution.encode()).hexdigest(),
                "PipelineParameters": [{"Name": name, "Value": text} for name, text in passed.items()],
            }
        )

    @cached_property
    def _data(self) -> str | None:
        return self.pipelines.data(self.verdict.job) if self.verdict.job else None

    def _tell(self, title: str, decision: Sequence[str]) -> None:
        settings, verdict = self.settings, self.verdict
        lines = [*verdict.lines[:_LISTED]]
        if len(verdict.lines) > _LISTED:
            lines.append(f"and {len(verdict.lines) - _LISTED} more")
        where = [f"Report: {verdict.report}"] if verdict.report else []
        where += [f"Data: {self._data}"] if self._data else []
        text = [
            f"{settings.inference}: {title}.",
            "",
            *(f"- {line}" for line in lines),
            "",
            *decision,
            *where,
            f"Inference: {self.execution}",
        ]
        self.people.tell(f"{settings.use_case}: {title}"[:100], "\n".join(text))

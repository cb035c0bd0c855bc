"""Executions and their steps in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.pipelines.model import ACTIVE, Execution, StepRun


class MemoryExecutions:
    """Implements ``domain.pipelines.ports.ExecutionStore``.

    Attributes:
        reads: how often all steps of an execution were read.
        written: every step run that was written, in order.
    """

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self.runs: dict[str, dict[str, StepRun]] = {}
        self.reads = 0
        self.written: list[StepRun] = []

    def add(self, execution: Execution) -> None:
        self.executions[execution.arn] = execution
        self.runs[execution.arn] = {}

    def update(self, execution: Execution) -> None:
        self.executions[execution.arn] = execution

    def get(self, arn: str) -> Execution | None:
        return self.executions.get(arn)

    def by_token(self, pipeline_arn: str, token: str) -> Execution | None:
        found = (each for each in self.executions.values() if each.pipeline_arn == pipeline_arn)
        return next((each for each in found if each.token == token), None)

    def list(self, pipeline_arn: str, listing: Listing, version: int | None = None) -> Page[Execution]:
        raise NotImplementedError

    def unfinished(self) -> Sequence[Execution]:
        return [each for each in self.executions.values() if not each.ended_for_good]

    def put_step(self, run: StepRun) -> None:
        self.runs[run.execution_arn][run.name] = run
        self.written.append(run)

    def steps(self, execution_arn: str) -> Mapping[str, StepRun]:
        self.reads += 1
        return dict(self.runs[execution_arn])

    def steps_page(self, execution_arn: str, listing: Listing) -> Page[StepRun]:
        raise NotImplementedError

    def step(self, execution_arn: str, name: str) -> StepRun | None:
        return self.runs[execution_arn].get(name)

    def drop_steps(self, execution_arn: str, names: Sequence[str]) -> None:
        for name in names:
            del self.runs[execution_arn][name]

    def cached(self, pipeline_arn: str, name: str, key: str, since: float) -> StepRun | None:
        found = [
            run
            for runs in self.runs.values()
            for run in runs.values()
            if run.execution_arn.startswith(f"{pipeline_arn}/") and run.name == name and run.cache_key == key
            if run.status == "Succeeded" and not run.cached_from and (run.end or 0.0) > since
        ]
        return max(found, key=lambda run: run.end or 0.0, default=None)

    @property
    def running(self) -> Sequence[StepRun]:
        """Step runs that somebody works on."""
        return [
            run
            for runs in self.runs.values()
            for run in runs.values()
            if run.status in ACTIVE and run.due is None and run.type != "ForEach"
        ]

    def copy(self) -> MemoryExecutions:
        """What another server would find."""
        other = MemoryExecutions()
        other.executions = {arn: replace(each) for arn, each in self.executions.items()}
        other.runs = {arn: dict(runs) for arn, runs in self.runs.items()}
        return other

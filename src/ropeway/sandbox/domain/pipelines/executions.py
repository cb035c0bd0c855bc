"""Executions as callers see them: started, listed, stopped, retried, changed. The engine runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ropeway.pipelines.definition import parse
from ropeway.sandbox.domain.errors import NotFound, NotThere
from ropeway.sandbox.domain.listing import Cursor, Listing, Page
from ropeway.sandbox.domain.pipelines import documents
from ropeway.sandbox.domain.pipelines.engine import Engine
from ropeway.sandbox.domain.pipelines.model import Execution, Pipeline, StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore, PipelineStore
from ropeway.sandbox.domain.pipelines.service import Pipelines
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Executions"]

_ID = 12
_KEPT = ("PipelineExecutionDisplayName", "PipelineExecutionDescription", "ParallelismConfiguration")
_NOT_THERE = {
    "SelectiveExecutionConfig": "The sandbox does not run selected steps only.",
    "PipelineVersionAlias": "The sandbox has no aliases of pipeline versions.",
    "MlflowExperimentName": "The sandbox does not log to MLflow.",
}


class Executions:
    """The executions of all pipelines.

    Args:
        parallelism: how many steps run at once where nobody says.
    """

    def __init__(
        self,
        stores: tuple[PipelineStore, ExecutionStore],
        transactions: Transactions,
        pipelines: Pipelines,
        engine: Engine,
        sources: tuple[Clock, Ids],
        parallelism: int,
    ) -> None:
        self._pipeline_store, self._store = stores
        self._transactions = transactions
        self._pipelines = pipelines
        self._engine = engine
        self._clock, self._ids = sources
        self._parallelism = parallelism

    def start(self, pipeline: Pipeline, request: Mapping[str, Any]) -> str:
        """Start an execution by StartPipelineExecution's input; returns its ARN.

        Raises:
            Invalid: parameters are unknown, missing or of the wrong type.
            NotFound: there is no such version.
        """
        for member, reason in _NOT_THERE.items():
            if member in request:
                raise NotThere(reason)
        execution = self._new(pipeline, request)
        with self._transactions.transaction():
            existing = self._store.by_token(pipeline.arn, execution.token)
            if existing is not None:
                return existing.arn
            self._store.add(execution)
            self._pipeline_store.update(replace(pipeline, last_run=execution.created))
            version = self._pipelines.version(pipeline, execution.version)
            self._pipeline_store.put_version(replace(version, last_execution=execution.arn))
        self._engine.advance(execution.arn)
        return execution.arn

    def get(self, arn: str, account: str) -> Execution:
        """An execution of the account.

        Raises:
            NotFound: there is none.
        """
        execution = self._store.get(arn)
        if execution is None or execution.pipeline.account != account:
            raise NotFound(f"Pipeline execution with ARN {arn} does not exist.")
        return execution

    def list(self, pipeline: Pipeline, listing: Listing) -> Page[Execution]:
        """A pipeline's executions."""
        return self._store.list(pipeline.arn, listing)

    def steps(self, execution: Execution, listing: Listing) -> Page[StepRun]:
        """An execution's steps in the order of their starts, newest first unless asked otherwise."""
        runs = sorted(
            self._store.steps(execution.arn).values(), key=lambda run: run.order, reverse=listing.descending
        )
        if listing.after is not None:
            sign = -1 if listing.descending else 1
            runs = [run for run in runs if sign * run.order > sign * listing.after.row]
        page = runs[: listing.limit]
        more = len(runs) > listing.limit
        return Page(page, Cursor(page[-1].order, page[-1].order) if more else None)

    def stop(self, arn: str, account: str) -> None:
        """Stop an execution.

        Raises:
            NotFound: there is none.
            Invalid: it has ended.
        """
        self._engine.stop(self.get(arn, account).arn)

    def retry(self, arn: str, account: str, parallelism: int | None) -> None:
        """Run what did not succeed once more.

        Raises:
            NotFound: there is none.
            Invalid: it is running, or has succeeded.
        """
        self._engine.retry(self.get(arn, account).arn, parallelism)

    def update(self, arn: str, account: str, request: Mapping[str, Any]) -> None:
        """Change how an execution is called and described, and how many of its steps run at once.

        Raises:
            NotFound: there is none.
        """
        with self._transactions.transaction():
            execution = self.get(arn, account)
            given = {name: request[name] for name in _KEPT if name in request}
            self._store.update(
                replace(
                    execution,
                    document={**execution.document, **given},
                    parallelism=_limit(request, execution.parallelism),
                    modified=self._clock.now(),
                )
            )
        self._engine.advance(arn)

    def _new(self, pipeline: Pipeline, request: Mapping[str, Any]) -> Execution:
        version = self._pipelines.version(pipeline, request.get("PipelineVersionId"))
        definition = parse(version.definition)
        given = {entry["Name"]: entry["Value"] for entry in request.get("PipelineParameters", ())}
        now = self._clock.now()
        document = {name: request[name] for name in _KEPT if name in request}
        return Execution(
            pipeline_arn=pipeline.arn,
            id=self._ids.token(_ID),
            status="Executing",
            created=now,
            modified=now,
            role_arn=request.get("RoleArn") or pipeline.document["RoleArn"],
            version=version.number,
            definition=version.definition,
            parameters=documents.start_values(definition, given),
            given=given,
            parallelism=_limit(request, _limit(pipeline.document, self._parallelism)),
            document=document,
            token=request["ClientRequestToken"],
        )


def _limit(request: Mapping[str, Any], otherwise: int) -> int:
    limit: int = request.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps", otherwise)
    return limit

"""Executions as callers see them: started, listed, stopped, retried, changed. The engine runs them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition
from ropeway.sandbox.domain.errors import Invalid, NotFound
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.pipelines import documents
from ropeway.sandbox.domain.pipelines.contexts import variables_of
from ropeway.sandbox.domain.pipelines.engine import Engine, plan_of
from ropeway.sandbox.domain.pipelines.model import Execution, Pipeline, StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore, PipelineStore
from ropeway.sandbox.domain.pipelines.resolve import Resolver, UnresolvedError, text_of
from ropeway.sandbox.domain.pipelines.selection import taken_over
from ropeway.sandbox.domain.pipelines.service import Pipelines
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids
from ropeway.values.s3uri import S3Uri

__all__ = ["Executions"]

_ID = 12
_CHANGED = ("PipelineExecutionDisplayName", "PipelineExecutionDescription", "ParallelismConfiguration")
_KEPT = (*_CHANGED, "MlflowExperimentName")
_EXPERIMENT_MEMBERS = ("ExperimentName", "TrialName")
_EXPERIMENT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}")


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
            Invalid: parameters are unknown, missing or of the wrong type, or the selection of steps is wrong.
            NotFound: there is no such version.
        """
        execution = self._new(pipeline, request)
        reused = self._reused(execution)
        with self._transactions.transaction():
            existing = self._store.by_token(pipeline.arn, execution.token)
            if existing is not None:
                return existing.arn
            self._store.add(execution)
            self._engine.board.watched.execution(None, execution)
            for run in reused:
                self._store.put_step(run)
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

    def list(self, pipeline: Pipeline, listing: Listing, alias: str | None = None) -> Page[Execution]:
        """A pipeline's executions, of the version with an alias only where one is given.

        Raises:
            NotFound: no version has the alias.
        """
        version = None if alias is None else self._pipelines.version(pipeline, None, alias).number
        return self._store.list(pipeline.arn, listing, version)

    def steps(self, execution: Execution, listing: Listing) -> Page[StepRun]:
        """An execution's steps in the order of their starts, newest first unless asked otherwise."""
        return self._store.steps_page(execution.arn, listing)

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
        given = {} if parallelism is None else _parallelism(parallelism)
        self._engine.retry(self.get(arn, account).arn, lambda execution: _changed(execution, given))

    def update(self, arn: str, account: str, request: Mapping[str, Any]) -> None:
        """Change how an execution is called and described, and how many of its steps run at once.

        Raises:
            NotFound: there is none.
        """
        given = {name: request[name] for name in _CHANGED if name in request}
        self._engine.change(self.get(arn, account).arn, lambda execution: _changed(execution, given))

    def _new(self, pipeline: Pipeline, request: Mapping[str, Any]) -> Execution:
        alias = request.get("PipelineVersionAlias")
        version = self._pipelines.version(pipeline, request.get("PipelineVersionId"), alias)
        definition = plan_of(version.definition).definition
        given = {entry["Name"]: entry["Value"] for entry in request.get("PipelineParameters", ())}
        now = self._clock.now()
        config = request.get("ParallelismConfiguration") or pipeline.document.get("ParallelismConfiguration")
        document = {name: request[name] for name in (*_KEPT, "SelectiveExecutionConfig") if name in request}
        execution = Execution(
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
            parallelism=config["MaxParallelExecutionSteps"] if config else self._parallelism,
            document={**document, **({"ParallelismConfiguration": config} if config else {})},
            token=request["ClientRequestToken"],
        )
        experiment = _experiment(execution, definition, now)
        return replace(execution, document={**execution.document, **experiment})

    def _reused(self, execution: Execution) -> Sequence[StepRun]:
        """What a selective execution takes over from its source."""
        config = execution.document.get("SelectiveExecutionConfig")
        if config is None:
            return ()
        source, arn = None, config.get("SourcePipelineExecutionArn")
        if arn is not None:
            found = self._store.get(arn)
            if found is None or found.pipeline_arn != execution.pipeline_arn:
                raise Invalid(f"Source execution {arn} is no execution of pipeline {execution.pipeline_arn}.")
            if not found.ended_for_good:
                raise Invalid(f"Source execution {arn} is in status {found.status}; it must have ended.")
            source = (found, self._store.steps(arn))
        selected = [entry["StepName"] for entry in config["SelectedSteps"]]
        return taken_over(plan_of(execution.definition), selected, execution, source)


def _parallelism(most: int) -> dict[str, Any]:
    return {"ParallelismConfiguration": {"MaxParallelExecutionSteps": most}}


def _changed(execution: Execution, given: Mapping[str, Any]) -> Execution:
    config = given.get("ParallelismConfiguration")
    return replace(
        execution,
        document={**execution.document, **given},
        parallelism=config["MaxParallelExecutionSteps"] if config else execution.parallelism,
    )


def _experiment(execution: Execution, definition: Definition, now: float) -> dict[str, Any]:
    """The definition's experiment and trial with their variables resolved, and its MLflow app."""
    resolver = Resolver(
        definition, execution.parameters, variables_of(execution, now), _no_properties, _no_object
    )
    found: dict[str, Any] = {}
    try:
        experiment = resolver.resolve(definition.experiment or {})
        mlflow = resolver.resolve(definition.mlflow or {})
    except (DefinitionError, UnresolvedError, LookupError, TypeError) as error:
        raise Invalid(f"PipelineExperimentConfig or MlflowConfig cannot be resolved: {error}") from error
    names = {name: text_of(value) for name, value in experiment.items() if name in _EXPERIMENT_MEMBERS}
    for name, value in names.items():
        if not _EXPERIMENT.fullmatch(value):
            raise Invalid(
                f"PipelineExperimentConfig.{name} {value!r} must satisfy the pattern {_EXPERIMENT.pattern}"
            )
    if names:
        found["PipelineExperimentConfig"] = names
    if isinstance(mlflow.get("MlflowResourceArn"), str):
        found["MlflowResourceArn"] = mlflow["MlflowResourceArn"]
    if "MlflowExperimentName" not in execution.document and isinstance(
        mlflow.get("MlflowExperimentName"), str
    ):
        found["MlflowExperimentName"] = mlflow["MlflowExperimentName"]
    return found


def _no_properties(name: str) -> Mapping[str, Any]:
    raise UnresolvedError(f"step {name} has not run")


def _no_object(uri: S3Uri) -> bytes:
    raise UnresolvedError(f"{uri} cannot be read before the execution starts")

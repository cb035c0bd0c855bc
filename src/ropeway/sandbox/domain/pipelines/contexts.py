"""Puts together what a step needs to run: its arguments resolved, and a name for what it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ropeway.pipelines.definition import StepSpec
from ropeway.pipelines.loops import selector_of
from ropeway.pipelines.references import RESOLVED_SETTINGS
from ropeway.sandbox.domain.pipelines import iterations
from ropeway.sandbox.domain.pipelines.decide import Plan
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.resolve import Resolver, UnresolvedError
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext, StepType
from ropeway.sandbox.domain.pipelines.steps.job import NAME_MEMBERS
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids
from ropeway.values.s3uri import S3Uri

__all__ = ["Contexts", "variables_of"]

_MAX_NAME = 63
_SUFFIX = 10


class Contexts:
    """Builds step contexts."""

    def __init__(
        self,
        store: ExecutionStore,
        objects: ObjectStore,
        services: Services,
        clock: Clock,
        ids: Ids,
        types: Mapping[str, StepType],
    ) -> None:
        self._store = store
        self._objects = objects
        self._services = services
        self._clock = clock
        self._ids = ids
        self._types = types

    def build(
        self,
        execution: Execution,
        plan: Plan,
        step: StepSpec,
        name: str | None,
        ended: Callable[[Progress], None],
    ) -> StepContext:
        """The context of a step that is about to run.

        Args:
            execution: what it belongs to.
            plan: what the execution runs.
            step: the step.
            name: the name of what it makes, when one was given before; None for a new one.
            ended: where the step's end is reported.

        Raises:
            UnresolvedError: an expression leads to no value.
        """
        name = name or self._name(execution, step)
        resolver = Resolver(
            definition=plan.definition,
            parameters=execution.parameters,
            variables=self._variables(execution, step, name),
            properties=lambda other: self._properties(execution, plan, other),
            read=lambda uri: self._read(execution, uri),
            item=step.iteration.item if step.iteration else None,
        )
        member = NAME_MEMBERS.get(step.type, "")
        arguments = {key: value for key, value in resolver.resolve(step.arguments).items() if key != member}
        settings = resolver.resolve(
            {key: step.settings[key] for key in RESOLVED_SETTINGS if key in step.settings}
        )
        return StepContext(
            execution,
            step,
            arguments,
            settings,
            name,
            self._services,
            ended,
            run_of=lambda other: self._store.step(execution.arn, other),
        )

    def loop_end(self, execution: Execution, plan: Plan, name: str, runs: Mapping[str, StepRun]) -> Progress:
        """How a ForEach step ends whose iterations are over."""
        step = plan.definition.steps[name]

        def selected() -> dict[str, Any] | None:
            selector = selector_of(step)
            items = len(runs[name].outputs["Items"])
            return (
                iterations.select(selector, items, lambda other: self._properties(execution, plan, other))
                if selector
                else None
            )

        return iterations.end(runs[name], plan.loops.get(name, ()), runs, selected)

    def _properties(self, execution: Execution, plan: Plan, name: str) -> Mapping[str, Any]:
        run = self._store.step(execution.arn, name)
        # A ForEach step tells how it went however it ended, to steps that run on its failure.
        if run is None or (run.status != "Succeeded" and not (run.type == "ForEach" and run.end)):
            raise UnresolvedError(f"step {name} has no result to refer to")
        properties = self._types[run.type].properties(run, self._services)
        if run.type != "ForEach":
            return properties
        loop = plan.definition.steps[name].loop
        bodies, count = tuple(loop.body) if loop else (), len(run.outputs.get("Items", ()))

        def of(child: str) -> Mapping[str, Any]:
            return self._properties(execution, plan, child)

        chosen = run.metadata["ForEach"].get("Selector")
        picked = {"Selected": of(f"{chosen['StepName']}-{chosen['Index']}")} if chosen else {}
        return {**properties, "IterationOutputs": iterations.Iterations(bodies, count, of), **picked}

    def _read(self, execution: Execution, uri: S3Uri) -> bytes:
        return self._objects.read(execution.role_arn, uri.bucket, uri.key)

    def _variables(self, execution: Execution, step: StepSpec, name: str) -> dict[str, Any]:
        variables = variables_of(execution, self._clock.now())
        if step.type in {"Processing", "Training"}:
            variables[NAME_MEMBERS[step.type]] = name
        return variables

    def _name(self, execution: Execution, step: StepSpec) -> str:
        """``pipelines-<execution>-<step>-<random>``, or the document's own prefix in place of the first and third."""
        prefix = step.arguments.get(NAME_MEMBERS.get(step.type, ""))
        tail = self._ids.token(_SUFFIX)
        if isinstance(prefix, str):
            room = _MAX_NAME - len(execution.id) - _SUFFIX - 2
            return f"{prefix[:room].rstrip('-')}-{execution.id}-{tail}"
        room = _MAX_NAME - len("pipelines-") - len(execution.id) - _SUFFIX - 2
        middle = step.name.replace("_", "-").strip("-")[:room].rstrip("-")
        return f"pipelines-{execution.id}-{middle}-{tail}" if middle else f"pipelines-{execution.id}-{tail}"


def variables_of(execution: Execution, now: float) -> dict[str, Any]:
    """``Execution.…`` by name, as far as no step is needed."""
    return {
        "PipelineName": execution.pipeline.name,
        "PipelineArn": execution.pipeline_arn,
        "PipelineExecutionId": execution.id,
        "PipelineExecutionArn": execution.arn,
        "StartDateTime": _iso(execution.created),
        "CurrentDateTime": _iso(now),
    }


def _iso(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, tz=timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"

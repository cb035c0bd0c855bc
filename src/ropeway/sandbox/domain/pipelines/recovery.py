"""After a restart: what became of the steps that were running when the sandbox stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ropeway.errors import DefinitionError
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.pipelines.board import Board
from ropeway.sandbox.domain.pipelines.contexts import Contexts
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.resolve import UnresolvedError
from ropeway.sandbox.domain.pipelines.steps.base import Durable, Progress, Services, StepType
from ropeway.sandbox.domain.pipelines.steps.check import CheckStep
from ropeway.sandbox.domain.pipelines.steps.job import NAME_MEMBERS, progress_of
from ropeway.values.arn import Arn

__all__ = ["Recovery"]

_LOST_CALL = "ClientError: the sandbox stopped while the function ran; retry the execution to call it again"


class Recovery:
    """Takes running steps up again."""

    def __init__(
        self, board: Board, contexts: Contexts, types: Mapping[str, StepType], services: Services
    ) -> None:
        self._board = board
        self._contexts = contexts
        self._types = types
        self._services = services

    def resume(self, run: StepRun, ended: Callable[[Progress], None]) -> Progress | None:
        """How a step stands now, or None when it goes on and reports its end."""
        kind = self._types[run.type]
        if isinstance(kind, Durable):
            kind.resume(run, self._services, ended)
            return None
        if isinstance(kind, CheckStep):
            return self._relaunch(run, ended)  # its analyser knows what became of the job
        if run.type not in NAME_MEMBERS:
            return Progress("Failed", reason=_LOST_CALL)
        try:
            job = self._services.jobs.get(run.resource)
        except DomainError:
            return self._relaunch(run, ended)
        return progress_of(job, stopping=run.status == "Stopping") if job.ended is not None else None

    def _relaunch(self, run: StepRun, ended: Callable[[Progress], None]) -> Progress | None:
        """Submit a job that the sandbox had named and not submitted; one that was to stop is not started."""
        if run.status == "Stopping":
            return Progress("Stopped")
        execution = self._board.execution(run.execution_arn)
        plan = self._board.plan(run.execution_arn)
        try:
            name = Arn.parse(run.resource).name
            context = self._contexts.build(execution, plan, plan.definition.steps[run.name], name, ended)
        except (DefinitionError, DomainError, UnresolvedError, LookupError, TypeError, ValueError) as error:
            return Progress("Failed", reason=f"ClientError: {error}")
        self._types[run.type].launch(context)
        return None

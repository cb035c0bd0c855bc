"""What a step type is: how it is checked, begun, launched, stopped, and what it tells other steps.

``begin`` runs inside the transaction that writes the step's row: what it makes and the row are there together,
or neither is. It may end the step at once (a condition, a model). What takes time is started by ``launch``, after
the commit, and reports its end later; a restart finds the row and calls ``launch`` again where nothing came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition, StepSpec
from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.endpoints.service import Endpoints
from ropeway.sandbox.domain.functions import Functions
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.lineage.service import Lineage
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.pipelines.callbacks import Callbacks
from ropeway.sandbox.domain.pipelines.checks import Analyser
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.domain.pipelines.ports import Background, RequestForm
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.tuning.service import Tunings
from ropeway.values.arn import Arn

__all__ = ["Durable", "Progress", "Related", "Services", "StepContext", "StepType", "guarded", "require"]


@dataclass(frozen=True)
class Services:
    """What steps act on. Without an analyser check steps cannot be computed."""

    jobs: Jobs
    models: Models
    registry: Registry
    functions: Functions
    form: RequestForm
    background: Background
    callbacks: Callbacks
    objects: ObjectStore
    tunings: Tunings
    lineage: Lineage
    analyser: Analyser | None = None
    endpoints: Endpoints | None = None


@dataclass(frozen=True)
class StepContext:
    """One step of one execution, about to run.

    Attributes:
        arguments: with expressions resolved.
        settings: the members beside Arguments, with expressions resolved.
        name: a name for what the step makes, unique in the account.
        run_of: another step of the execution as it stands, or None when it has not started.
        ended: reports the end of a step that was launched, from any thread.
    """

    execution: Execution
    step: StepSpec
    arguments: Mapping[str, Any]
    settings: Mapping[str, Any]
    name: str
    services: Services
    ended: Callable[[Progress], None]
    run_of: Callable[[str], StepRun | None]

    @property
    def account(self) -> str:
        """The account that the pipeline is in."""
        return self.execution.pipeline.account

    @property
    def region(self) -> str:
        """The region that the pipeline is in."""
        return self.execution.pipeline.region

    @property
    def caller(self) -> Caller:
        """The pipeline's role, as a caller of other accounts' resources."""
        role = Arn.parse(self.execution.role_arn)
        session = f"arn:aws:sts::{role.account}:assumed-role/{role.name.rpartition('/')[2]}/SageMaker"
        return Caller(role.account, session, f"{self.execution.id}:SageMaker", "pipeline")


class StepType(Protocol):
    """One type of step."""

    def check(self, step: StepSpec) -> None:
        """Check a step when its pipeline is created.

        Raises:
            DefinitionError: something that it needs is missing or wrong.
        """

    def begin(self, context: StepContext) -> Progress:
        """Do what is done at once; ``Executing`` when more is to come."""

    def launch(self, context: StepContext) -> None:
        """Start what takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """What other steps may refer to, of a step that has succeeded."""

    def stop(self, run: StepRun, services: Services) -> None:
        """Ask a running step to stop; it reports its end as always."""


@runtime_checkable
class Durable(Protocol):
    """A step type whose running steps outlive the sandbox."""

    def resume(self, run: StepRun, services: Services, ended: Callable[[Progress], None]) -> None:
        """Take a running step up again after a restart.

        Args:
            run: the step as it stands.
            services: what it acts on.
            ended: reports its end, from any thread.
        """


@runtime_checkable
class Related(Protocol):
    """A step type whose steps name other steps of the document outside of expressions."""

    def check_within(self, step: StepSpec, definition: Definition) -> None:
        """Check what a step says of others.

        Raises:
            DefinitionError: it is wrong.
        """


def guarded(work: Callable[[], Progress]) -> Progress:
    """What a background thread's work comes to; whatever goes wrong in it fails the step."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a thread's border: whatever it is, the step must end
        return Progress("Failed", reason=f"InternalFailure: {type(error).__name__}: {error}")


def require(step: StepSpec, *members: str) -> None:
    """Check that a step's Arguments have these members.

    Raises:
        DefinitionError: one is missing.
    """
    for member in members:
        if step.arguments.get(member) is None:
            raise DefinitionError(f"step {step.name}: {step.type} steps need Arguments.{member}")

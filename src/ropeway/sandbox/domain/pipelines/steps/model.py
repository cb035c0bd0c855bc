"""Model: creates a SageMaker model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext
from ropeway.values.arn import Arn

__all__ = ["ModelStep"]


class ModelStep:
    """Calls CreateModel."""

    def check(self, step: StepSpec) -> None:
        """There is a container."""
        if not step.arguments.get("PrimaryContainer") and not step.arguments.get("Containers"):
            raise DefinitionError(f"step {step.name}: Model steps need a PrimaryContainer or Containers")

    def begin(self, context: StepContext) -> Progress:
        """Create the model."""
        request = {**context.arguments, "ModelName": context.name}
        request.setdefault("ExecutionRoleArn", context.execution.role_arn)
        formed = context.services.form("CreateModel", request)
        tags = formed.pop("Tags", ())
        arn = context.services.models.create(
            context.account, context.region, formed, tags, caller=context.caller
        )
        return Progress("Succeeded", metadata={"Model": {"Arn": arn}}, resource=arn)

    def launch(self, context: StepContext) -> None:
        """Nothing takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The model's Describe answer."""
        arn = Arn.parse(run.resource)
        return services.models.describe(arn.account, arn.region, arn.name)

    def stop(self, run: StepRun, services: Services) -> None:
        """Nothing runs."""

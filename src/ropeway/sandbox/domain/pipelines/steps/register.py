"""RegisterModel: a new version in a model package group, which is made when it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext
from ropeway.values.arn import Arn

__all__ = ["RegisterModelStep"]


class RegisterModelStep:
    """Calls CreateModelPackage."""

    def check(self, step: StepSpec) -> None:
        """It is registered under a name."""
        if not step.arguments.get("ModelPackageGroupName") and not step.arguments.get("ModelPackageName"):
            raise DefinitionError(f"step {step.name}: RegisterModel steps need a ModelPackageGroupName")

    def begin(self, context: StepContext) -> Progress:
        """Register the version."""
        registry = context.services.registry
        formed = context.services.form("CreateModelPackage", context.arguments)
        group = formed.get("ModelPackageGroupName", "")
        if group and not group.startswith("arn:"):
            registry.ensure_group(context.account, context.region, group)
        tags = formed.pop("Tags", ())
        arn = registry.create_package(context.account, context.region, formed, tags)
        return Progress("Succeeded", metadata={"RegisterModel": {"Arn": arn}}, resource=arn)

    def launch(self, context: StepContext) -> None:
        """Nothing takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The package's Describe answer."""
        arn = Arn.parse(run.resource)
        return services.registry.describe_package(run.resource, arn.account, arn.region)

    def stop(self, run: StepRun, services: Services) -> None:
        """Nothing runs."""

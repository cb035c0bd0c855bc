"""The step that deletes what others left in S3: Cleanup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import Expression, Json
from ropeway.pipelines.steps import Step

__all__ = ["Cleanup", "CleanupStep"]


@dataclass(frozen=True)
class Cleanup:
    """What to delete of one step.

    Attributes:
        step: a training step, whose whole output goes; or a processing or transform step, or the name of one.
        objects: the S3 addresses to delete, of a processing or transform step: exact, below one of its outputs.
    """

    step: Step | str
    objects: Sequence[str | Expression] = ()

    @property
    def name(self) -> str:
        """The step's name."""
        return self.step if isinstance(self.step, str) else self.step.name

    def document(self) -> dict[str, Any]:
        """The entry in the step's ``Resources.S3``."""
        return {"StepName": self.name, **({"S3Uris": list(self.objects)} if self.objects else {})}


@dataclass(frozen=True)
class CleanupStep(Step):
    """Deletes objects of earlier steps; it depends on each of them."""

    sources: Sequence[Cleanup] = field(kw_only=True)

    type_name: ClassVar[str] = "Cleanup"

    def document(self, build: Build) -> dict[str, Json]:
        """The step's entry, with its sources among what it depends on."""
        names = {step if isinstance(step, str) else step.name for step in self.depends_on}
        missing = dict.fromkeys(source.name for source in self.sources if source.name not in names)
        whole = replace(self, depends_on=(*self.depends_on, *missing)) if missing else self
        return super(CleanupStep, whole).document(build)

    def request(self, build: Build) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """The sources."""
        return {"Resources": {"S3": [source.document() for source in self.sources]}}

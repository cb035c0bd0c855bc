"""A pipeline: parameters and steps, built into a definition document and what must be uploaded for it.

Building reads local files and nothing else; ``ropeway pipeline upsert`` (or ``usecases.upsert``) uploads
``assets`` and creates ``functions`` before it sends the definition.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.assets import Asset, Build, FunctionAsset
from ropeway.pipelines.definition import VERSION, parse
from ropeway.pipelines.graph import check, dependencies
from ropeway.pipelines.parameters import Parameter
from ropeway.pipelines.steps import Step

__all__ = ["Pipeline"]


@dataclass(frozen=True)
class Pipeline:
    """A pipeline.

    Attributes:
        name: letters, digits and hyphens.
        parameters: what a start may set.
        bucket: where local files, and outputs that name no address, go.
        role: ARN of the role of the pipeline, and of steps that name none.
        region: needed only for Lambda functions made of local scripts.
        tags: of the pipeline.
    """

    name: str
    steps: Sequence[Step]
    parameters: Sequence[Parameter[Any]] = ()
    bucket: str | None = None
    role: str | None = None
    region: str | None = None
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def definition(self) -> str:
        """The definition document, as JSON.

        Raises:
            DefinitionError: a local file is missing, names clash, or a reference leads nowhere.
        """
        text = json.dumps(self._built[0], sort_keys=True)
        check(parse(text))
        return text

    def graph(self) -> dict[str, frozenset[str]]:
        """For every step, branches' steps included, the names of those that must end before it starts."""
        return dependencies(parse(json.dumps(self._built[0])))

    @property
    def assets(self) -> list[Asset]:
        """Local files to upload first."""
        return list(self._built[1].assets.values())

    @property
    def uploads(self) -> list[tuple[Path, str]]:
        """Local files to upload first, as pairs of path and S3 address."""
        return [(asset.path, str(asset.uri)) for asset in self.assets]

    @property
    def functions(self) -> list[FunctionAsset]:
        """Lambda functions to create first."""
        return list(self._built[1].functions.values())

    @cached_property
    def _built(self) -> tuple[dict[str, Any], Build]:
        build = Build(self.name, bucket=self.bucket, role=self.role, region=self.region)
        names = [parameter.name for parameter in self.parameters]
        if twice := {name for name in names if names.count(name) > 1}:
            raise DefinitionError(f"pipeline {self.name}: two parameters are called {min(twice)}")
        document: dict[str, Any] = {
            "Version": VERSION,
            "Metadata": {},
            "Parameters": [parameter.document() for parameter in self.parameters],
            "PipelineExperimentConfig": None,
            "Steps": [step.document(build) for step in self.steps],
        }
        return document, build

"""What lineage consists of: entities, the associations between them, a component's metrics.

Actions, artifacts, contexts, experiments, trials and trial components are one kind of thing: a named entity with an
API-shaped document. An association leads from a source to a destination. A trial component may be part of trials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.values.arn import Arn

__all__ = ["LINEAGE_TYPES", "Association", "Entity", "Metric", "Summary"]

# The lineage type of each kind that associations may lead to or from.
LINEAGE_TYPES = {
    "action": "Action",
    "artifact": "Artifact",
    "context": "Context",
    "experiment-trial-component": "TrialComponent",
}


@dataclass(frozen=True)
class Entity:
    """One entity.

    Attributes:
        kind: the type in its ARN.
        name: its key in its ARN (of an artifact, a digest of its source).
        type: ArtifactType, ActionType, ContextType, or the SourceType of a trial component.
        source: SourceUri, or a trial component's SourceArn; may be empty.
        parent: a trial's experiment by name, else empty.
        created, modified: epoch seconds.
        created_by, modified_by: who, as the API's UserContext.
        document: the further members of the Describe answer.
    """

    kind: str
    account: str
    region: str
    name: str
    created: float
    modified: float
    type: str = ""
    source: str = ""
    parent: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    created_by: Mapping[str, Any] = field(default_factory=dict)
    modified_by: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The entity's ARN: its key everywhere."""
        return str(Arn("sagemaker", self.region, self.account, f"{self.kind}/{self.name}"))


@dataclass(frozen=True)
class Association:
    """An edge of the lineage graph."""

    source: str
    destination: str
    type: str | None
    created: float
    created_by: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """One value of a trial component's metric.

    Attributes:
        timestamp: epoch seconds.
        step: the iteration, if told.
    """

    name: str
    timestamp: float
    value: float
    step: int | None = None


@dataclass(frozen=True)
class Summary:
    """A metric's values in figures."""

    name: str
    timestamp: float
    count: int
    low: float
    high: float
    last: float
    mean: float
    deviation: float

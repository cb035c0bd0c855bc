"""Step caching: which arguments make two runs of a step the same.

Per SageMaker's documentation the key is made of some arguments after resolution, never of outputs, roles or
instance types, and only a success of the same pipeline's same step counts, not older than ExpireAfter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["KEYS", "cache_key"]

KEYS: dict[str, tuple[str, ...]] = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"),
}
# Of a training job definition only these count.
_OF_DEFINITION = (
    "AlgorithmSpecification",
    "DefinitionName",
    "HyperParameterRanges",
    "InputDataConfig",
    "StaticHyperParameters",
    "TuningObjective",
)


def cache_key(step_type: str, arguments: Mapping[str, Any]) -> str:
    """The digest of what counts, or "" for a type that is never cached.

    Args:
        step_type: the step's Type.
        arguments: with expressions resolved.
    """
    members = KEYS.get(step_type)
    if members is None:
        return ""
    counted = {name: _counted(name, arguments[name]) for name in members if name in arguments}
    document = json.dumps([step_type, counted], sort_keys=True, default=str)
    return hashlib.sha256(document.encode()).hexdigest()


def _counted(name: str, value: Any) -> Any:
    if name == "TrainingJobDefinition" and isinstance(value, Mapping):
        return {member: value[member] for member in _OF_DEFINITION if member in value}
    if name == "TrainingJobDefinitions" and isinstance(value, list):
        return [_counted("TrainingJobDefinition", each) for each in value]
    return value

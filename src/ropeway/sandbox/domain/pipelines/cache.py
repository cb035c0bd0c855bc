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
}


def cache_key(step_type: str, arguments: Mapping[str, Any]) -> str:
    """The digest of what counts, or "" for a type that is never cached.

    Args:
        step_type: the step's Type.
        arguments: with expressions resolved.
    """
    members = KEYS.get(step_type)
    if members is None:
        return ""
    counted = {name: arguments[name] for name in members if name in arguments}
    document = json.dumps([step_type, counted], sort_keys=True, default=str)
    return hashlib.sha256(document.encode()).hexdigest()

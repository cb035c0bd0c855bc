"""Ropeway: MLOps for Amazon SageMaker, with a sandbox that runs the whole lifecycle on one machine.

The library's public names are in ``ropeway.pipelines`` (build definitions) and ``ropeway.errors``; everything
else is reached by the command line.
"""

from __future__ import annotations

from ropeway.errors import (
    AwsError,
    DefinitionError,
    GateError,
    RopewayError,
    SandboxError,
    UsageError,
)

__all__ = ["AwsError", "DefinitionError", "GateError", "RopewayError", "SandboxError", "UsageError"]

"""Where steps read and write: local files become addresses, and outputs that name none get their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import Execution, Join

__all__ = ["address", "below_execution"]


def address(step: str, source: Any, build: Build, kind: str) -> Any:
    """An S3 address of a source: itself, or where its local file or folder will be."""
    if not isinstance(source, str | Path) or str(source).startswith("s3://"):
        return source
    path = Path(source)
    return str(build.folder(step, path, kind) if path.is_dir() else build.file(step, path, kind))


def below_execution(build: Build, step: str, purpose: str, *parts: str) -> Join:
    """The default place of what a step writes: below the execution's own folder of the pipeline's bucket."""
    bucket = build.bucket_for(step, purpose)
    return Join("/", [f"s3://{bucket}/{build.pipeline}", Execution.PIPELINE_EXECUTION_ID, step, *parts])

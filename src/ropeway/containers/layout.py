"""Where things are in a container, and how a program says that it failed.

``SAGEMAKER_BASE_DIR`` moves ``/opt/ml``, as in SageMaker's toolkits.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["UserError", "base", "read_config", "write_failure"]


class UserError(Exception):
    """The job's input is wrong; the text becomes its FailureReason."""


def base() -> Path:
    """``/opt/ml``."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def read_config(name: str) -> dict[str, Any]:
    """A file of ``/opt/ml/input/config``; empty when there is none."""
    path = base() / "input" / "config" / name
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_failure(text: str) -> None:
    """Say why the job fails."""
    path = base() / "output" / "failure"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

"""What the programs of this package find in a processing job, and how they end it."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from ropeway.drift.faults import DriftError

__all__ = ["base", "ended", "located", "threshold_of"]

_ML = "/opt/ml"


def base() -> Path:
    """``/opt/ml``, which SAGEMAKER_BASE_DIR moves."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", _ML))


def located(path: str) -> Path:
    """A path of the container where it is here."""
    return base() / path[len(_ML) :].lstrip("/") if path == _ML or path.startswith(f"{_ML}/") else Path(path)


def threshold_of(variables: Mapping[str, str]) -> float:
    """The probability from which on a prediction is positive.

    Raises:
        DriftError: the variable is no number.
    """
    told = variables.get("probability_threshold_attribute") or "0.5"
    try:
        return float(told)
    except ValueError as error:
        raise DriftError(f"probability_threshold_attribute is {told!r}, which is no number") from error


def ended(work: Callable[[], str]) -> int:
    """Do a job's work; the exit code.

    Its message becomes the job's ExitMessage, the text of its failure the FailureReason.
    """
    output = base() / "output"
    output.mkdir(parents=True, exist_ok=True)
    try:
        message = work()
    except DriftError as error:
        words = f"{error}; {error.hint}" if error.hint else str(error)
        print(f"ERROR {words}", flush=True)  # noqa: T201 - the job's log
        (output / "failure").write_text(words, encoding="utf-8")
        (output / "message").write_text(f"Failed: {words}"[:1024], encoding="utf-8")
        return 1
    except Exception as error:  # noqa: BLE001 - the process's border
        traceback.print_exc()
        (output / "failure").write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
        return 1
    print(message, flush=True)  # noqa: T201
    (output / "message").write_text(message[:1024], encoding="utf-8")
    return 0

"""Tables for tests: drawn with a seed, and files made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ropeway.drift.profiling import profile_arrays
from ropeway.drift.summaries import Profile

Floats = npt.NDArray[np.float64]


def normal(size: int, *, mean: float = 0.0, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(mean, 1.0, size)


def profile(**columns: Sequence[Any] | npt.NDArray[Any]) -> Profile:
    arrays = {
        name: values if isinstance(values, np.ndarray) else np.asarray(values, dtype=_kind(values))
        for name, values in columns.items()
    }
    return profile_arrays(arrays)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def csv_of(columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> str:
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


def _kind(values: Sequence[Any]) -> type:
    return object if any(isinstance(value, str) or value is None for value in values) else float

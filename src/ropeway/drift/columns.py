"""Whole columns of a table, where a measure needs its rows: labels, predictions, facets.

Only the columns that are asked for are kept in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ropeway.drift.faults import DriftError
from ropeway.drift.reading import Format, RowGroup, parts
from ropeway.drift.sketch import Floats

__all__ = ["Texts", "as_numbers", "as_texts", "read_columns"]

Texts = npt.NDArray[np.str_]


def read_columns(sources: Sequence[Path], form: Format, wanted: Sequence[str]) -> dict[str, Any]:
    """Columns as pyarrow arrays, by the names that were asked for; a number names a column of CSV by its place.

    Raises:
        DriftError: there is no such column.
    """
    import pyarrow as pa  # noqa: PLC0415

    wanted = list(dict.fromkeys(wanted))
    found: dict[str, list[Any]] = {name: [] for name in wanted}
    for part in parts(sources, form):
        apart = isinstance(part, RowGroup)  # has some columns only
        for table in part.tables():
            for name in wanted:
                values = table.get(name, table.get(f"_c{name}"))
                if values is None and not apart and name.isdigit() and int(name) < len(table):
                    values = list(table.values())[int(name)]
                if values is not None:
                    found[name] += values.chunks if isinstance(values, pa.ChunkedArray) else [values]
                elif not apart:
                    raise DriftError(f"there is no column {name!r}; there are {', '.join(table)}")
    lacking = [name for name, chunks in found.items() if not chunks]
    if lacking:
        raise DriftError(f"there is no column {lacking[0]!r}, or there are no rows")
    return found


def as_numbers(name: str, chunks: Sequence[Any]) -> Floats:
    """A column as numbers; NaN where a value is missing.

    Raises:
        DriftError: it has texts.
    """
    import pyarrow as pa  # noqa: PLC0415

    try:
        made = [chunk.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) for chunk in chunks]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DriftError(f"column {name!r} has texts where numbers are needed: {error}") from error
    return np.concatenate(made).astype(np.float64)


def as_texts(chunks: Sequence[Any]) -> Texts:
    """A column as texts; whole numbers without a fraction, so that 1 and 1.0 are the same."""
    import pyarrow as pa  # noqa: PLC0415

    made: list[str] = []
    for chunk in chunks:
        values = chunk.to_pylist()
        if pa.types.is_floating(chunk.type):
            values = [int(value) if value is not None and value.is_integer() else value for value in values]
        made += ["" if value is None else str(value) for value in values]
    return np.asarray(made, dtype=np.str_)

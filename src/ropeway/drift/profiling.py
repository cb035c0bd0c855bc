"""Makes profiles: of files, on all cores and in flat memory; of arrays.

Parts are profiled by threads, as many at once as there are processors (numpy and pyarrow let go of the
interpreter's lock), and merged in the order of the data, so that the same data always gives the same profile.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ropeway.drift.faults import DriftError
from ropeway.drift.reading import Block, Format, RowGroup, parts
from ropeway.drift.sketch import Floats
from ropeway.drift.summaries import Column, Profile

__all__ = ["profile_arrays", "profile_files", "profile_table", "workers"]

_INTEGRAL = r"^\s*[+-]?\d+\s*$"
_FRACTIONAL = r"^\s*[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?\s*$"
_ROWS = 1 << 18

_Part = TypeVar("_Part")


def workers() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def profile_files(
    sources: Sequence[Path], form: Format | None = None, *, ignored: Iterable[str] = ()
) -> Profile:
    """The profile of all files together.

    Args:
        sources: files and folders of files.
        form: how they are written; by their names, by default.
        ignored: columns to leave out.

    Raises:
        DriftError: something cannot be read, or there are no rows.
    """
    left_out = frozenset(ignored)
    form = form or Format()
    whole = Profile()
    pending: tuple[tuple[Path, int], Profile] | None = None
    for part, found in _mapped(
        lambda part: _profile_part(part, left_out, form.missing),
        (part for part in parts(sources, form) if not left_out.issuperset(getattr(part, "columns", ("",)))),
    ):
        if isinstance(part, Block):
            whole.merge(found)
        elif pending is not None and pending[0] == (part.path, part.group):
            pending[1].columns.update(found.columns)
        else:
            if pending is not None:
                whole.merge(pending[1])
            pending = ((part.path, part.group), found)
    if pending is not None:
        whole.merge(pending[1])
    if not whole.rows:
        raise DriftError(f"{', '.join(map(str, sources))}: there are no rows", hint="was the file written?")
    return whole


def profile_arrays(table: Mapping[str, npt.NDArray[Any]]) -> Profile:
    """The profile of arrays of one length: numbers, booleans or texts (None and NaN are missing)."""
    lengths = {len(values) for values in table.values()}
    if len(lengths) != 1:
        raise DriftError(f"the columns have different lengths: {sorted(lengths)}")
    columns = dict(_mapped(lambda item: _of_array(item, table[item]), iter(table)))
    return Profile(lengths.pop(), columns)


def profile_table(table: Mapping[str, Sequence[Any]]) -> Profile:
    """The profile of lists of one length; each has only numbers, or only texts; None is missing."""
    import pyarrow as pa  # noqa: PLC0415

    columns = {name: _of_arrow(name, pa.chunked_array([pa.array(cells)])) for name, cells in table.items()}
    return Profile(len(next(iter(table.values()), ())), columns)


def _mapped(work: Callable[[_Part], Any], items: Iterator[_Part]) -> Iterator[tuple[_Part, Any]]:
    """Each item and what the work makes of it, in order, some at once."""
    count = workers()
    with ThreadPoolExecutor(count, thread_name_prefix="profile") as pool:
        waiting: deque[tuple[_Part, Future[Any]]] = deque()
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                if len(waiting) > 2 * count:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _profile_part(part: Block | RowGroup, left_out: frozenset[str], missing: Sequence[str]) -> Profile:
    import pyarrow as pa  # noqa: PLC0415

    whole = Profile()
    try:
        for table in part.tables():
            rows = len(next(iter(table.values()))) if table else 0
            columns = {
                name: _of_arrow(name, values, missing)
                for name, values in table.items()
                if name not in left_out
            }
            whole.merge(Profile(rows, columns))
    except RecursionError as error:
        raise DriftError(f"{part.path}: objects are nested too deeply") from error
    except (pa.ArrowException, OSError) as error:
        raise DriftError(f"{part.path}: {str(error).strip().splitlines()[0]}") from error
    return whole


def _of_array(name: str, values: npt.NDArray[Any]) -> Column:
    if values.dtype.kind in "iufb":
        column = Column(name)
        for start in range(0, len(values), _ROWS):
            chunk = values[start : start + _ROWS]
            column.add_numbers(chunk.astype(np.float64, copy=False), spelt_whole=values.dtype.kind in "iub")
        return column
    import pyarrow as pa  # noqa: PLC0415 - only for texts

    return _of_arrow(name, pa.chunked_array([pa.array(values, from_pandas=True)]))


def _of_arrow(name: str, values: Any, missing: Sequence[str] = ()) -> Column:
    """One column of a part, whatever its type; some texts may stand for missing values."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    column = Column(name)
    kind = values.type
    if pa.types.is_null(kind):
        column.missing = len(values)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        column.add_numbers(_floats(values), spelt_whole=pa.types.is_integer(kind))
    else:
        if pa.types.is_dictionary(kind):
            values = values.cast(kind.value_type)
        if pa.types.is_nested(kind) or _is_bytes(kind):
            values = pa.chunked_array([pa.array([_spelt(value) for value in values.to_pylist()])])
        elif pa.types.is_boolean(values.type):
            values = pc.if_else(values, "true", "false")
        _add_texts(column, values.cast(pa.string()), missing)
    return column


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa  # noqa: PLC0415

    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    )


def _spelt(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return None if value is None else json.dumps(value, default=str)


def _floats(values: Any) -> Floats:
    import pyarrow as pa  # noqa: PLC0415

    found: Floats = (
        values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        if isinstance(values, pa.Array)
        else values.cast(pa.float64(), safe=False).to_numpy()
    )
    return found


def _add_texts(column: Column, values: Any, missing: Sequence[str]) -> None:
    """Cells that came as texts: some of them may be numbers, or stand for missing values."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    counted = values.drop_null().value_counts()
    if missing:
        strange = pc.is_in(counted.field("values"), value_set=pa.array(missing, pa.string()))
        counted = counted.filter(pc.invert(strange))
    texts, counts = counted.field("values"), counted.field("counts")
    present = int(counts.to_numpy().sum())
    column.missing += len(values) - present
    numeric = pc.match_substring_regex(texts, _FRACTIONAL)
    numbers = pc.filter(texts, numeric)
    if len(numbers):
        whole = pc.match_substring_regex(numbers, _INTEGRAL).to_numpy(zero_copy_only=False)
        times = pc.filter(counts, numeric).to_numpy()
        figures = pc.utf8_trim_whitespace(numbers).cast(pa.float64()).to_numpy(zero_copy_only=False)
        column.integral += int(times[whole].sum())
        column.fractional += int(times[~whole].sum())
        column.whole += int(times[(figures == np.rint(figures))].sum())
        column.numbers.add(np.repeat(figures, times))
    column.text += present - column.integral - column.fractional
    column.categories.add_array(texts, counts.to_numpy())  # also of numbers: 007 among texts is not 7

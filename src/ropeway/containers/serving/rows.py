"""Request bodies as matrices of 32-bit floats: CSV and libsvm, quickly.

CSV without header, comma-separated; an empty cell is a missing value. Plain numbers are read by one C parser; what
it cannot read goes the slow way, which names the row and the cell that is wrong.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from ropeway.containers.serving.server import RequestError

__all__ = ["read_csv", "read_libsvm"]

_LARGE = 1 << 20


def read_csv(body: bytes) -> Any:
    """CSV as a matrix (rows, columns).

    Raises:
        RequestError: rows of different lengths, a cell that is no number, no text.
    """
    text = body.replace(b"\r\n", b"\n").strip(b"\n")
    if not text:
        return np.empty((0, 0), np.float32)
    columns = text.split(b"\n", 1)[0].count(b",") + 1
    if _rectangular(text, columns):
        rows = _parse(text)
        if rows is not None and rows.shape[1] == columns:
            return rows
    return _read_slowly(text)


def _parse(text: bytes) -> Any | None:
    """By a C parser: pandas' is four times faster than NumPy's, but takes long to import."""
    if len(text) > _LARGE:
        try:
            import pandas  # noqa: PLC0415 - heavy, optional
        except ImportError:
            pass
        else:
            try:
                table = pandas.read_csv(io.BytesIO(text), header=None, dtype=np.float32)
            except (ValueError, OverflowError):
                return None
            return table.to_numpy()
    try:
        return np.loadtxt(io.BytesIO(text), np.float32, comments=None, delimiter=",", ndmin=2)
    except ValueError:
        return None


def _rectangular(text: bytes, columns: int) -> bool:
    """Whether every row has the columns: a parser may fill up a short row with missing values."""
    characters = np.frombuffer(text, np.uint8)
    ends = np.append(np.flatnonzero(characters == ord("\n")), characters.size)
    commas = np.searchsorted(np.flatnonzero(characters == ord(",")), ends)
    return bool((np.diff(commas, prepend=0) == columns - 1).all())


def _read_slowly(text: bytes) -> Any:
    try:
        lines = csv.reader(io.StringIO(text.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise RequestError(400, f"The body is not UTF-8 text: {error}") from error
    rows: list[list[float]] = []
    for fields in lines:
        if not fields:
            continue
        rows.append([_cell(field, len(rows) + 1) for field in fields])
        if len(rows[-1]) != len(rows[0]):
            raise RequestError(
                400, f"CSV row {len(rows)} has {len(rows[-1])} columns instead of {len(rows[0])}"
            )
    return np.array(rows, dtype=np.float32)


def _cell(field: str, row: int) -> float:
    try:
        return float(field) if field.strip() else float("nan")
    except ValueError:
        raise RequestError(400, f"CSV row {row}: {field!r} is not a number") from None


def read_libsvm(body: bytes) -> Any:
    """Libsvm lines (``[label] index:value …``) as a sparse matrix.

    Raises:
        RequestError: a token that is no index and value.
    """
    import scipy.sparse as sparse  # noqa: PLC0415 - CSV does without it

    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for number, line in enumerate(body.decode("utf-8", "replace").splitlines(), 1):
        tokens = line.split("#", 1)[0].split()
        if not tokens:
            continue
        try:
            for token in tokens if ":" in tokens[0] else tokens[1:]:
                column, value = token.split(":")
                columns.append(int(column))
                values.append(float(value))
            if len(tokens) == 1 and ":" not in tokens[0]:
                float(tokens[0])
        except ValueError:
            raise RequestError(
                400, f"Line {number} is not in libsvm format: {line[:80]!r}. Is the Content-Type right?"
            ) from None
        starts.append(len(columns))
    width = max(columns, default=-1) + 1
    return sparse.csr_matrix(
        (np.array(values, np.float32), np.array(columns, np.int32), np.array(starts, np.int32)),
        shape=(len(starts) - 1, width),
    )

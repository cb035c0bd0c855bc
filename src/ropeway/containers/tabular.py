"""Reads the channels of the built-in XGBoost: CSV with the label first, libsvm, Parquet.

A channel is all data files in its folder, in name order; hidden ones and those that begin with an underscore are
none. CSV has no header, its delimiter is found in the first line, an empty field is a missing value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ropeway.containers.layout import UserError

__all__ = ["Table", "read_channel"]

_CSV = {"csv", "text/csv"}
_LIBSVM = {"libsvm", "text/libsvm", "text/x-libsvm"}
_PARQUET = {"parquet", "application/x-parquet"}


@dataclass(frozen=True)
class Table:
    """Labels and features of a channel.

    Attributes:
        features: a matrix of 32-bit floats, or a sparse one (libsvm).
        weights: one per row, or None.
    """

    labels: Any
    features: Any
    weights: Any | None


def read_channel(folder: Path, content_type: str | None, *, weights: bool) -> Table:
    """Read a channel.

    Args:
        folder: its folder.
        content_type: libsvm when None.
        weights: CSV has weights in the second column.

    Raises:
        UserError: no data, another format, or a cell that is no number.
    """
    kind, *parameters = [part.strip().lower() for part in (content_type or "libsvm").split(";")]
    files = _files(folder)
    if not files:
        raise UserError(f"No data files in the channel {folder.name!r}")
    if kind in _CSV:
        if any(parameter != "label_size=1" for parameter in parameters):
            raise UserError(f"Content type {content_type!r}: only label_size=1 is allowed for CSV")
        return _dense(np.concatenate([_read_csv(path) for path in files]), folder, weights=weights)
    if kind in _LIBSVM:
        return _read_libsvm(files)
    if kind in _PARQUET:
        return _dense(_read_parquet(files), folder, weights=False)
    raise UserError(
        f"{content_type!r} is not an accepted ContentType: csv, libsvm, parquet, text/csv, text/libsvm, "
        "text/x-libsvm, application/x-parquet (the sandbox does not read recordio-protobuf)"
    )


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.name.startswith((".", "_")) and path.stat().st_size)


def _dense(rows: Any, folder: Path, *, weights: bool) -> Table:
    head = 2 if weights else 1
    if rows.shape[1] <= head:
        raise UserError(
            f"The channel {folder.name!r} has {rows.shape[1]} columns: no features after the label"
        )
    return Table(rows[:, 0], rows[:, head:], rows[:, 1] if weights else None)


def _read_csv(path: Path) -> Any:
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline()
    delimiter = _delimiter(first)
    try:
        return np.loadtxt(path, dtype=np.float32, delimiter=delimiter, ndmin=2, comments=None)
    except ValueError:
        return _read_csv_with_gaps(path, delimiter)


def _delimiter(line: str) -> str:
    try:
        return csv.Sniffer().sniff(line, delimiters=",;\t |").delimiter
    except csv.Error:
        return ","


def _read_csv_with_gaps(path: Path, delimiter: str) -> Any:
    """The slow way: empty fields are missing values, and what is no number is named with its place."""
    rows: list[list[float]] = []
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for fields in csv.reader(file, delimiter=delimiter):
            if not fields:
                continue
            rows.append([_cell(text, path, len(rows) + 1) for text in fields])
            if len(rows[-1]) != len(rows[0]):
                raise UserError(
                    f"{path.name}, row {len(rows)}: {len(rows[-1])} columns instead of {len(rows[0])}"
                )
    return np.array(rows, dtype=np.float32)


def _cell(text: str, path: Path, row: int) -> float:
    try:
        return float(text) if text.strip() else float("nan")
    except ValueError:
        hint = " (CSV for training has no header)" if row == 1 else ""
        raise UserError(f"{path.name}, row {row}: {text!r} is not a number{hint}") from None


def _read_libsvm(files: Sequence[Path]) -> Table:
    labels: list[float] = []
    weights: list[float] = []
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for path in files:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                tokens = line.split("#", 1)[0].split()
                if not tokens:
                    continue
                try:
                    label, _, weight = tokens[0].partition(":")
                    labels.append(float(label))
                    weights.append(float(weight) if weight else 1.0)
                    _append(tokens[1:], columns, values)
                except ValueError:
                    raise UserError(f"{path.name}, line {number}: not in libsvm format") from None
                starts.append(len(columns))
    import scipy.sparse as sparse  # noqa: PLC0415 - CSV, the usual format, does without it

    matrix = sparse.csr_matrix((np.array(values, np.float32), np.array(columns), np.array(starts)))
    return Table(np.array(labels, np.float32), matrix, np.array(weights, np.float32))


def _append(tokens: Iterable[str], columns: list[int], values: list[float]) -> None:
    for token in tokens:
        column, separator, value = token.partition(":")
        if column == "qid":
            raise UserError("libsvm data with qid (ranking groups) is not read here")
        if not separator:
            raise ValueError(token)
        columns.append(int(column))
        values.append(float(value))


def _read_parquet(files: Sequence[Path]) -> Any:
    try:
        import pyarrow.parquet as parquet  # noqa: PLC0415 - heavy, and only Parquet channels need it
    except ImportError as error:
        raise UserError(
            "Parquet channels need pyarrow: add it to the requirements of the runtime in .ropeway/runtimes.toml"
        ) from error
    tables = [parquet.read_table(io.BytesIO(path.read_bytes())) for path in files]
    columns = [[column.to_numpy() for column in table.columns] for table in tables]
    return np.concatenate([np.column_stack(part).astype(np.float32) for part in columns])

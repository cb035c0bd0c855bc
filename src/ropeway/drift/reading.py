"""Reads tables in parts that workers can take by themselves: CSV, JSON lines, Parquet; one file or a folder of them.

CSV and JSON lines are cut into blocks at line ends (outside of quotes), Parquet into row groups and columns. A part
is loaded by the worker that profiles it, so that no more of a table is in memory than the parts in work.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from ropeway.drift.faults import DriftError
from ropeway.drift.jsonlines import read_lines

__all__ = ["FORMATS", "Block", "Format", "RowGroup", "files_of", "parts"]

FORMATS = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet"}
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
MISSING = ("", "NaN", "nan", "NULL", "null")
_BLOCK = 8 << 20
_LONGEST = 8 * _BLOCK
_ROWS, _FEW_ROWS = 1 << 18, 1 << 13
_PARTS = 64  # of one row group: each reads the file's footer, which grows with the columns


@dataclass(frozen=True)
class Format:
    """How a table is written.

    Attributes:
        kind: ``csv``, ``json`` (lines) or ``parquet``; None: by the file's name.
        header: the first line of each CSV file names the columns; otherwise they are ``_c0``, ``_c1``, …
        names: the columns' names, instead of a header's.
        missing: texts that stand for a missing value.
        texts: columns of CSV that are texts, even where all cells of a part could be numbers: 007 is not 7 there.
    """

    kind: str | None = None
    header: bool = True
    delimiter: str = ","
    names: tuple[str, ...] = ()
    missing: tuple[str, ...] = MISSING
    texts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Block:
    """Whole lines of a text file.

    Attributes:
        line: the number of the first one.
        names: the columns of CSV.
    """

    path: Path
    line: int
    content: bytes = field(repr=False)
    format: Format
    names: tuple[str, ...] = ()

    def tables(self) -> Iterator[Mapping[str, Any]]:
        """The columns as pyarrow arrays."""
        yield self._csv() if self.format.kind == "csv" else self._json()

    def _csv(self) -> Mapping[str, Any]:
        import pyarrow as pa  # noqa: PLC0415 - only where files are read

        try:
            try:
                table = self._cells(self.format.texts)
            except pa.ArrowInvalid:  # texts in another encoding are bytes, where nothing is told of them
                table = self._cells(frozenset())
            times = frozenset(item.name for item in table.schema if pa.types.is_temporal(item.type))
            if times:  # as they are written, not as pyarrow would write them
                written = self._cells(times)
                columns = [(written if name in times else table).column(name) for name in self.names]
                return dict(zip(self.names, columns, strict=True))
        except pa.ArrowInvalid as error:
            raise self._wrong(error) from error
        return dict(zip(self.names, table.columns, strict=True))

    def _cells(self, texts: frozenset[str]) -> Any:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import csv as arrow  # noqa: PLC0415

        quoted = b'"' in self.content
        reading = arrow.ReadOptions(
            column_names=list(self.names), use_threads=False, block_size=len(self.content) + 1
        )
        parsing = arrow.ParseOptions(delimiter=self.format.delimiter, newlines_in_values=quoted)
        converting = arrow.ConvertOptions(
            null_values=list(self.format.missing),
            strings_can_be_null=True,
            true_values=[],
            false_values=[],
            timestamp_parsers=[],
            column_types=dict.fromkeys(texts.intersection(self.names), pa.string()),
        )
        return arrow.read_csv(
            pa.BufferReader(self.content),
            read_options=reading,
            parse_options=parsing,
            convert_options=converting,
        )

    def _wrong(self, error: Exception) -> DriftError:
        """What pyarrow says, with the number of the line where it counts rows."""
        words = _plain(error)
        found = re.search(r"Row #(\d+): ", words)
        line = self._line_of(int(found[1])) if found else None
        if found is None or line is None:
            return DriftError(f"{self.path} (from line {self.line}): {words}")
        return DriftError(f"{self.path}, line {line}: {words.replace(found[0], '')}")

    def _line_of(self, row: int) -> int | None:
        text = io.StringIO(self.content.decode(errors="replace"), newline="")
        rows = csv.reader(text, delimiter=self.format.delimiter)
        with suppress(csv.Error):
            before = 0
            for cells in rows:
                row -= bool(cells)
                if not row:
                    return self.line + before
                before = rows.line_num
        return None

    def _json(self) -> Mapping[str, Any]:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import json as arrow  # noqa: PLC0415

        try:
            self.content.decode()
        except UnicodeDecodeError as error:
            line = self.line + self.content.count(b"\n", 0, error.start)
            raise DriftError(f"{self.path}, line {line}: this is no UTF-8 text") from error
        reading = arrow.ReadOptions(use_threads=False, block_size=len(self.content) + 1)
        try:
            table = arrow.read_json(pa.BufferReader(self.content), read_options=reading)
            schema = pa.schema([(item.name, _as_written(item.type)) for item in table.schema])
            if schema != table.schema.remove_metadata():
                table = arrow.read_json(
                    pa.BufferReader(self.content), reading, arrow.ParseOptions(explicit_schema=schema)
                )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return read_lines(self.content, self.path, self.line)
        while any(pa.types.is_struct(item.type) for item in table.schema):
            table = table.flatten()
        return dict(zip(table.column_names, table.columns, strict=True))


def _as_written(kind: Any) -> Any:
    """The type with texts where pyarrow sees times."""
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_temporal(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([(item.name, _as_written(item.type)) for item in kind])
    return pa.list_(_as_written(kind.value_type)) if pa.types.is_list(kind) else kind


@dataclass(frozen=True)
class RowGroup:
    """Some columns of one row group of a Parquet file: one, but of very wide tables."""

    path: Path
    group: int
    columns: tuple[str, ...]

    def tables(self) -> Iterator[Mapping[str, Any]]:
        """The columns in batches."""
        from pyarrow import parquet  # noqa: PLC0415

        rows = max(_FEW_ROWS, _ROWS // len(self.columns))
        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(
                batch_size=rows, row_groups=[self.group], columns=list(self.columns), use_threads=False
            ):
                yield {name: batch.column(name) for name in self.columns}


def files_of(source: Path) -> list[Path]:
    """The data files at a path: itself, or those of a folder, in order; hidden ones and ``_SUCCESS`` are none.

    Raises:
        DriftError: there are none.
    """
    if source.is_file():
        return [source]
    found = sorted(
        path
        for path in source.rglob("*")
        if path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(source).parts)
    )
    if not found:
        raise DriftError(f"{source}: there is no data", hint="name a file, or a folder with files")
    return found


def parts(sources: Sequence[Path], form: Format) -> Iterator[Block | RowGroup]:
    """The parts of all files.

    Raises:
        DriftError: a file cannot be read.
    """
    for source in sources:
        for path in files_of(source):
            if path.suffix.lower() in _PACKED:
                raise DriftError(f"{path}: compressed files are not read", hint="unpack it first")
            kind = form.kind or FORMATS.get(path.suffix.lower())
            if kind is None:
                raise DriftError(
                    f"{path}: its name does not tell whether it is CSV, JSON lines or Parquet",
                    hint="say so by the format",
                )
            yield from _row_groups(path) if kind == "parquet" else _blocks(path, replace(form, kind=kind))


def _row_groups(path: Path) -> Iterator[RowGroup]:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    try:
        with parquet.ParquetFile(path) as file:
            columns, groups = file.schema_arrow.names, file.num_row_groups
    except (pa.ArrowException, OSError) as error:
        raise DriftError(f"{path}: {_plain(error)}") from error
    _check_names(path, columns)
    width = max(1, -(-len(columns) // _PARTS))
    for group in range(groups):
        for start in range(0, len(columns), width):
            yield RowGroup(path, group, tuple(columns[start : start + width]))


def _blocks(path: Path, form: Format) -> Iterator[Block]:
    with path.open("rb") as stream:
        names = _names(path, stream, form) if form.kind == "csv" else ()
        line, rest = 1 + (form.kind == "csv" and form.header), b""
        while fresh := stream.read(_BLOCK):
            content = rest + fresh
            cut = _cut(content)
            if cut:
                yield Block(path, line, content[:cut], form, names)
                line += content.count(b"\n", 0, cut)
            rest = content[cut:]
        if rest.strip():
            yield Block(path, line, rest, form, names)


def _names(path: Path, stream: BinaryIO, form: Format) -> tuple[str, ...]:
    """The columns of a CSV file; the stream then stands at the first row."""
    start = stream.tell()
    first = stream.readline()
    if first.startswith(b"\xef\xbb\xbf"):
        start, first = 3, first[3:]
    if not first.strip():
        whole = "first line" if first or stream.read(1) else "file"
        raise DriftError(f"{path}: the {whole} is empty", hint="was it written?")
    try:
        cells = next(csv.reader(io.StringIO(first.decode()), delimiter=form.delimiter))
    except UnicodeDecodeError as error:
        raise DriftError(f"{path}: the first line is no UTF-8 text") from error
    except csv.Error as error:
        raise DriftError(f"{path}: the first line is no CSV: {error}") from error
    if not form.header:
        stream.seek(start)
    names = form.names or tuple(
        (cell.strip() if form.header else "") or f"_c{place}" for place, cell in enumerate(cells)
    )
    _check_names(path, names)
    return names


def _check_names(path: Path, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DriftError(f"{path}: columns of the same name: {', '.join(twice)}")


def _cut(content: bytes) -> int:
    """Where the last whole line ends; 0 for nowhere."""
    cut = content.rfind(b"\n") + 1
    if content.count(b'"', 0, cut) % 2 == 0:
        return cut
    # the line end is within quotes: the last one before the quotes that are open
    quote = content.rfind(b'"', 0, cut)
    while quote > 0:
        cut = content.rfind(b"\n", 0, quote) + 1
        if cut and content.count(b'"', 0, cut) % 2 == 0:
            return cut
        quote = content.rfind(b'"', 0, cut)
    # a quote that nothing closes must not gather the rest of the file
    return content.rfind(b"\n") + 1 if len(content) > _LONGEST else 0


def _plain(error: Exception) -> str:
    return str(error).strip().splitlines()[0]

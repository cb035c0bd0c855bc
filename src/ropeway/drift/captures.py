"""Captured requests of endpoints and batch transforms as a table: ``{"sagemakerCaptureJson": …}``.

Each line of a file is one request with ``captureData`` and ``eventMetadata``. The rows of what was asked and of what
was answered stand side by side, the answers first, as Model Monitor puts them. CSV has columns ``_c0``, ``_c1``, …, or
the names of the baseline where it has as many; JSON has its members. Requests outside of the time that is asked for
do not count.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropeway.drift.faults import DriftError
from ropeway.drift.jsonlines import alike, members
from ropeway.drift.profiling import profile_table
from ropeway.drift.reading import MISSING, files_of
from ropeway.drift.summaries import Profile

__all__ = ["Window", "captured", "lines_of", "profile_captures", "side_rows"]

_SIDES = ("endpointOutput", "endpointInput")
_ROWS = 20_000
_HOUR = re.compile(r"/(\d{4})/(\d{2})/(\d{2})/(\d{2})/[^/]+$")

Row = dict[str, Any]


@dataclass(frozen=True)
class Window:
    """The time that counts, as the text of ISO 8601 in UTC; empty: no bound."""

    start: str = ""
    end: str = ""

    def holds(self, moment: str) -> bool:
        """Whether a request at that moment counts."""
        stamp = moment[:19]
        return not (self.start and stamp < self.start[:19]) and not (self.end and stamp >= self.end[:19])

    def may_hold(self, path: Path) -> bool:
        """Whether a file, which lies in the folder of its hour, may have requests that count."""
        found = _HOUR.search(path.as_posix())
        if found is None:
            return True
        hour = "{}-{}-{}T{}".format(*found.groups())
        return not (self.start and hour < self.start[:13]) and not (self.end and hour > self.end[:13])


@dataclass
class _Table:
    """Rows on their way into profiles."""

    whole: Profile = field(default_factory=Profile)
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        if len(self.rows) >= _ROWS:
            self.flush()

    def flush(self) -> None:
        if self.rows:
            names = list(dict.fromkeys(name for row in self.rows for name in row))
            columns = {name: alike([row.get(name) for row in self.rows]) for name in names}
            self.whole.merge(profile_table(columns))
            self.rows = []


def profile_captures(
    source: Path, sides: Sequence[str], names: Sequence[str] = (), window: Window | None = None
) -> Profile:
    """The profile of captured requests.

    Args:
        source: a folder of files of JSON lines.
        sides: ``endpointInput``, ``endpointOutput`` or both.
        names: the columns, for CSV of as many.
        window: the time that counts.

    Raises:
        DriftError: a file holds something else, or there are no requests.
    """
    strange = [side for side in sides if side not in _SIDES]
    if strange:
        raise DriftError(f"captureIndexNames: {strange[0]!r} is none of {', '.join(_SIDES)}")
    ordered = [side for side in _SIDES if side in sides]
    table = _Table()
    span = window or Window()
    for where, record in captured(source, span):
        try:
            asked = record["captureData"]
            found = [asked[side] for side in ordered if side in asked]
        except (KeyError, TypeError) as error:
            raise DriftError(f"{where}: this is no captured request: {error!r}") from error
        if not found:
            raise DriftError(f"{where}: neither {' nor '.join(ordered)} is captured")
        for row in _beside([list(_side(each, where)) for each in found], where):
            table.add(_named(row, names))
    table.flush()
    if not table.whole.rows:
        raise DriftError(f"{source}: there are no captured requests", hint="was the endpoint asked anything?")
    return table.whole


def captured(source: Path, window: Window) -> Iterator[tuple[str, dict[str, Any]]]:
    """The captured requests of a folder, each with the place where it stands.

    Raises:
        DriftError: a file holds something else.
    """
    for path in files_of(source):
        if not window.may_hold(path):
            continue
        for where, line in lines_of(path):
            try:
                record = json.loads(line)
                moment = record["eventMetadata"]["inferenceTime"]
            except (ValueError, KeyError, TypeError) as error:
                raise DriftError(f"{where}: this is no captured request: {error!r}") from error
            if window.holds(moment):
                yield where, record


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file that are not empty, each with the place where it stands."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{path}, line {number}", line


def side_rows(record: Mapping[str, Any], side: str, where: str) -> Iterator[Sequence[Any] | Row]:
    """The rows of one side of a request; none where it was not captured."""
    data = record["captureData"].get(side)
    if data is not None:
        yield from _side(data, where)


def _beside(tables: Sequence[Sequence[Sequence[Any] | Row]], where: str) -> Iterator[Row]:
    """The rows of both sides as one."""
    lengths = {len(table) for table in tables}
    if len(lengths) > 1:
        raise DriftError(f"{where}: {' and '.join(map(str, sorted(lengths)))} rows do not go together")
    for cells in zip(*tables, strict=True):
        row: Row = {}
        place = 0
        for part in cells:
            if isinstance(part, Mapping):
                row.update(part)
            else:
                row.update({f"_c{place + index}": cell for index, cell in enumerate(part)})
                place += len(part)
        yield row


def _side(side: Mapping[str, Any], where: str) -> Iterator[Sequence[Any] | Row]:
    text, encoding = str(side["data"]), side.get("encoding")
    if encoding == "BASE64":
        try:
            text = base64.b64decode(text).decode("utf-8", errors="replace")
        except ValueError as error:
            raise DriftError(f"{where}: the data are no BASE64") from error
        encoding = "JSON" if "json" in side.get("observedContentType", "") else "CSV"
    if encoding == "CSV":
        for cells in csv.reader(io.StringIO(text)):
            if cells:
                yield [None if cell.strip() in MISSING else _value(cell.strip()) for cell in cells]
        return
    if encoding != "JSON":
        raise DriftError(f"{where}: the encoding {encoding!r} is none of CSV, JSON, BASE64")
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError as error:
            raise DriftError(f"{where}: the data are no JSON: {error}") from error
        yield dict(members(found, "")) if isinstance(found, dict) else [found]


def _value(cell: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


def _named(row: Row, names: Sequence[str]) -> Row:
    numbered = all(name.startswith("_c") for name in row)
    return dict(zip(names, row.values(), strict=True)) if numbered and len(names) == len(row) else row

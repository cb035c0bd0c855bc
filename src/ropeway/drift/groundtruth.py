"""Predictions and the labels that came later, put together: ``{"sagemakerMergeJson": {"captureIndexNames": […]}}``.

A label names the request that it belongs to: by the ``inferenceId`` that the caller gave, else by the ``eventId``
that capturing gave, in lines ``{"groundTruthData": {"data", "encoding"}, "eventMetadata": {"eventId"}}``. A batch's
rows name themselves in the column ``SageMakerInferenceId``. Requests without labels, and labels without requests, do
not count; of several labels of a request the last one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropeway.drift.captures import Window, captured, lines_of, side_rows
from ropeway.drift.faults import DriftError
from ropeway.drift.jsonlines import alike
from ropeway.drift.reading import Format, files_of, parts

__all__ = ["LABEL", "Pair", "columns_of", "pairs"]

LABEL = "groundTruthData"
_ID = "SageMakerInferenceId"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """One prediction and its label.

    Attributes:
        asked: what was asked, by column; empty where that was not captured.
        answered: what was answered; the batch's row where both lie in one table.
    """

    asked: Row
    answered: Row
    label: Any


@dataclass
class _Count:
    requests: int = 0
    labelled: int = 0
    labels: int = field(default=0)


def pairs(source: Path, labels: Path, form: Format | None, window: Window) -> list[Pair]:
    """Predictions with their labels.

    Args:
        source: captured requests, or the tables of batches.
        labels: a folder of labels.
        form: of the tables; None for captured requests.
        window: the time of captured requests that counts.

    Raises:
        DriftError: a file holds something else, or no prediction has a label.
    """
    known = _labels(labels)
    count = _Count(labels=len(known))
    found = list(
        _of_captures(source, known, window, count) if form is None else _of_tables(source, form, known, count)
    )
    if not found:
        raise DriftError(
            f"none of {count.requests} predictions has one of {count.labels} labels",
            hint="a label's eventId must be the inferenceId or eventId of a captured request",
        )
    print(  # noqa: T201 - the job's log
        f"{count.labelled} of {count.requests} predictions have one of {count.labels} labels", flush=True
    )
    return found


def columns_of(rows: Sequence[Row], wanted: Sequence[str]) -> dict[str, Any]:
    """Columns as pyarrow arrays by the names that were asked for; a number names one by its place.

    Raises:
        DriftError: there is no such column.
    """
    import pyarrow as pa  # noqa: PLC0415 - only where data are read

    names = list(dict.fromkeys(name for row in rows for name in row))
    found = {}
    for name in wanted:
        column = name if name in names else f"_c{name}"
        if column not in names and name.isdigit() and int(name) < len(names):
            column = names[int(name)]
        if column not in names:
            raise DriftError(f"there is no column {name!r} in the predictions; there are {', '.join(names)}")
        found[name] = [pa.array(alike([row.get(column) for row in rows]))]
    return found


def _of_captures(
    source: Path, labels: Mapping[str, Sequence[Any]], window: Window, count: _Count
) -> Iterator[Pair]:
    for where, record in captured(source, window):
        count.requests += 1
        told = record["eventMetadata"]
        truth = labels.get(str(told.get("inferenceId", ""))) or labels.get(str(told.get("eventId", "")))
        if truth is None:
            continue
        count.labelled += 1
        asked, answered = (
            [_row(each) for each in side_rows(record, side, where)]
            for side in ("endpointInput", "endpointOutput")
        )
        if not answered:
            raise DriftError(f"{where}: what was answered is not captured")
        if len(truth) != len(answered) or (asked and len(asked) != len(answered)):
            raise DriftError(f"{where}: {len(answered)} rows were answered, {len(truth)} labels are there")
        for place, label in enumerate(truth):
            yield Pair(asked[place] if asked else {}, answered[place], label)


def _of_tables(
    source: Path, form: Format, labels: Mapping[str, Sequence[Any]], count: _Count
) -> Iterator[Pair]:
    if form.kind == "parquet":
        raise DriftError("batches of Parquet are not put together with labels here; CSV and JSON lines are")
    for part in parts([source], form):
        for table in part.tables():
            if _ID not in table:
                raise DriftError(
                    f"the batch has no column {_ID}, by which labels are found; there are {', '.join(table)}"
                )
            names = list(table)
            for cells in zip(*(table[name].to_pylist() for name in names), strict=True):
                row = dict(zip(names, cells, strict=True))
                count.requests += 1
                truth = labels.get(str(row[_ID]))
                if truth:
                    count.labelled += 1
                    yield Pair(row, row, truth[0])


def _row(cells: Sequence[Any] | Row) -> Row:
    if isinstance(cells, Mapping):
        return cells
    return {f"_c{place}": cell for place, cell in enumerate(cells)}


def _labels(folder: Path) -> dict[str, Sequence[Any]]:
    """Labels by the request that they belong to, one for each of its rows."""
    found: dict[str, Sequence[Any]] = {}
    for path in files_of(folder):
        for where, line in lines_of(path):
            try:
                record = json.loads(line)
                identity = str(record["eventMetadata"]["eventId"])
                rows = list(side_rows({"captureData": record}, LABEL, where))
            except (ValueError, KeyError, TypeError) as error:
                raise DriftError(f"{where}: this is no label: {error!r}") from error
            found[identity] = [_first(row) for row in rows]
    return found


def _first(cells: Sequence[Any] | Row) -> Any:
    values = list(cells.values() if isinstance(cells, Mapping) else cells)
    return values[0] if values else None

"""DataProcessing: InputFilter before the request, JoinSource and OutputFilter after it.

A record is a CSV row (an array), a JSON line, or with SplitType None a whole JSON body. The join takes the input
as it was before the filter. CSV: input columns, then prediction columns. JSON: the prediction becomes the member
``SageMakerOutput`` of the input object; of another input, ``{"SageMakerInput": …, "SageMakerOutput": …}``.
Input and answer must be of one format, and have a record each for each other.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.transform.paths import parse
from ropeway.sandbox.domain.transform.records import TransformError, lines_of

__all__ = ["Processing"]

_CSV = {"text/csv"}
_JSON = {"application/json", "application/jsonlines", "application/x-jsonlines"}


class Processing:
    """The DataProcessing of one job.

    Args:
        config: API-shaped; empty leaves bodies alone.
        content_type: of the input.
        split: the input is split by lines.

    Raises:
        TransformError: a filter is outside the subset, or the format has no records.
    """

    def __init__(self, config: Mapping[str, Any], content_type: str | None, *, split: bool) -> None:
        self._input = parse(config.get("InputFilter", "$"))
        self._output = parse(config.get("OutputFilter", "$"))
        self._join = config.get("JoinSource", "None") == "Input"
        self._type = (content_type or "").split(";")[0].strip().lower()
        self._lines = split or self._type != "application/json"
        self.active = self._join or not self._input.is_root or not self._output.is_root
        if self.active and self._type not in _CSV | _JSON:
            raise TransformError(
                f"DataProcessing needs the ContentType text/csv, application/json or application/jsonlines, not "
                f"{content_type!r}"
            )

    @property
    def by_lines(self) -> bool:
        """Whether what ``apply`` gives is one record a line."""
        return self._lines

    def request(self, body: bytes) -> bytes:
        """What is sent for a body."""
        if self._input.is_root:
            return body
        return self._encode([self._input.select(record) for record in self._decode(body, "the input")])

    def apply(self, body: bytes, answer: bytes) -> bytes:
        """What is kept of an answer.

        Args:
            body: the input, unfiltered.
            answer: what the container answered to it.

        Raises:
            TransformError: they do not fit each other.
        """
        if not self._join and self._output.is_root:
            return answer
        if self._join and self._output.is_root and self._type in _CSV and b'"' not in body:
            return self._joined_lines(body, answer)
        predictions = self._decode(answer, "the answer")
        if self._join:
            records = self._decode(body, "the input")
            self._check(len(records), len(predictions))
            predictions = [self._joined(*pair) for pair in zip(records, predictions, strict=True)]
        return self._encode([self._output.select(record) for record in predictions])

    def _joined_lines(self, body: bytes, answer: bytes) -> bytes:
        """CSV is joined as text: nothing need be parsed."""
        records, predictions = lines_of(body), lines_of(answer)
        self._check(len(records), len(predictions))
        return b"".join([b"%b,%b\n" % pair for pair in zip(records, predictions, strict=True)])

    def _check(self, records: int, predictions: int) -> None:
        if records != predictions:
            raise TransformError(
                f"the answer cannot be joined: {predictions} records answer a request of {records}"
            )

    def _joined(self, record: Any, prediction: Any) -> Any:
        if self._type in _CSV:
            return [*record, *prediction]
        if isinstance(record, dict):
            return {**record, "SageMakerOutput": prediction}
        return {"SageMakerInput": record, "SageMakerOutput": prediction}

    def _decode(self, body: bytes, what: str) -> Sequence[Any]:
        try:
            if self._type in _CSV:
                return [row for row in csv.reader(io.StringIO(body.decode("utf-8"), newline="")) if row]
            return [json.loads(part) for part in (lines_of(body) if self._lines else [body])]
        except (ValueError, csv.Error) as error:
            raise TransformError(f"{what} is not {self._type}: {error}") from error

    def _encode(self, records: Sequence[Any]) -> bytes:
        if self._type in _CSV:
            target = io.StringIO(newline="")
            writer = csv.writer(target, lineterminator="\n")
            writer.writerows([record if isinstance(record, list) else [record] for record in records])
            return target.getvalue().encode()
        text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        return (text + "\n" if self._lines else text).encode()

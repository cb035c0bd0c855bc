"""What a distributed Map state's fields say: where items come from, how they are batched, where results go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines.distributed import is_distributed
from ropeway.sandbox.domain.statemachines.mapitems import DELIMITERS, GET, LIST, TYPES
from ropeway.sandbox.domain.statemachines.mapresults import PUT

__all__ = ["map_faults"]

_ONLY = (
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "Label",
)
_BATCHES = ("MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")

Fault = tuple[str, str]


def map_faults(state: Mapping[str, Any], place: str) -> Iterator[Fault]:
    """Messages with their places."""
    if not is_distributed(state):
        for name in _ONLY:
            if name in state:
                yield f"The field '{name}' needs the ProcessorConfig mode DISTRIBUTED", f"{place}/{name}"
        return
    kind = state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType")
    if kind not in ("STANDARD", "EXPRESS"):
        yield "The ExecutionType must be STANDARD or EXPRESS", f"{place}/ItemProcessor/ProcessorConfig"
    if "ItemReader" in state:
        yield from _reader(state["ItemReader"], f"{place}/ItemReader")
    batcher = state.get("ItemBatcher")
    if batcher is not None and not (isinstance(batcher, Mapping) and set(_BATCHES) & set(batcher)):
        yield "A batch needs MaxItemsPerBatch or MaxInputBytesPerBatch", f"{place}/ItemBatcher"
    writer = state.get("ResultWriter")
    if writer is not None:
        yield from _writer(writer, f"{place}/ResultWriter")


def _reader(reader: Any, place: str) -> Iterator[Fault]:
    if not isinstance(reader, Mapping) or reader.get("Resource") not in (LIST, GET):
        yield f"The Resource must be {LIST} or {GET}", f"{place}/Resource"
        return
    if reader["Resource"] == LIST:
        return
    config = reader.get("ReaderConfig", {})
    where = f"{place}/ReaderConfig"
    if not isinstance(config, Mapping):
        yield "ReaderConfig is an object", where
        return
    if config.get("InputType") not in list(TYPES):
        yield f"The sandbox reads items of the InputType {', '.join(TYPES)}", f"{where}/InputType"
    if config.get("InputType") == "CSV":
        headers = config.get("CSVHeaderLocation")
        if headers not in ("FIRST_ROW", "GIVEN") or (headers == "GIVEN") != ("CSVHeaders" in config):
            yield (
                "CSVHeaderLocation must be FIRST_ROW, or GIVEN with CSVHeaders",
                f"{where}/CSVHeaderLocation",
            )
        if config.get("CSVDelimiter", "COMMA") not in list(DELIMITERS):
            yield f"CSVDelimiter must be one of {', '.join(DELIMITERS)}", f"{where}/CSVDelimiter"


def _writer(writer: Any, place: str) -> Iterator[Fault]:
    if not isinstance(writer, Mapping) or writer.get("Resource") != PUT:
        yield f"The Resource must be {PUT}", f"{place}/Resource"
        return
    config = writer.get("WriterConfig", {})
    if not isinstance(config, Mapping):
        yield "WriterConfig is an object", f"{place}/WriterConfig"
    elif config.get("Transformation", "NONE") != "NONE" or config.get("OutputType", "JSON") != "JSON":
        yield "The sandbox writes results as JSON without a Transformation", f"{place}/WriterConfig"

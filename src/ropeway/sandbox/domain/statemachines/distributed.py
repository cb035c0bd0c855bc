"""Distributed Map states, as far as they are computed: where items come from, what each child execution gets.

Such a state walks like a task (``phase`` task, ``called`` MAP): ``mapruns`` carries it out, asks ``expand`` for the
children's inputs once the items are read, and settles it with their outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ropeway.sandbox.domain.statemachines.by_jsonata import JsonAta
from ropeway.sandbox.domain.statemachines.language import Language, State, number
from ropeway.sandbox.domain.statemachines.model import Frame
from ropeway.sandbox.domain.statemachines.paths import Scope
from ropeway.sandbox.domain.statemachines.sheet import Sheet, Start, dump

__all__ = ["MAP", "Expanded", "begin", "expand", "is_distributed"]

MAP = "map run"
"""What stands for a Resource, which such states have none of."""

_READS = ("CSVDelimiter", "CSVHeaderLocation", "CSVHeaders", "InputType", "ItemsPointer")


def is_distributed(state: State) -> bool:
    """Whether a Map state runs its items as executions of their own."""
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    return isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"


def begin(sheet: Sheet, frame: Frame, state: State) -> None:
    """Have the items read, and run."""
    language, scope = sheet.language(frame), sheet.scope(frame)
    reader, writer = state.get("ItemReader"), state.get("ResultWriter")
    items = None if reader else language.items(state, scope)
    given = {
        "items": items,
        "reader": _reader(language, scope, reader) if reader else None,
        "writer": _call(language, scope, writer) if writer and "Resource" in writer else None,
        "most": number(language.value(state, "MaxConcurrency", scope), "MaxConcurrency") or 0,
        "count": number(language.value(state, "ToleratedFailureCount", scope), "ToleratedFailureCount"),
        "percentage": number(
            language.value(state, "ToleratedFailurePercentage", scope), "ToleratedFailurePercentage"
        ),
    }
    details = {"length": len(items or ())}
    event = sheet.tell(frame.event, "MapStateStarted", "mapStateStartedEventDetails", details)
    token, role = sheet.token(), sheet.execution.role_arn
    sheet.put(replace(frame, phase="task", event=event, token=token, called=MAP, given=given, role=role))
    sheet.starts.append(Start(frame.number, token, MAP, given, role))


@dataclass(frozen=True)
class Expanded:
    """What a Map Run is made of: the children's inputs, each with the number of its items, and their machine."""

    inputs: list[tuple[Any, int]]
    processor: Mapping[str, Any]
    label: str


def expand(sheet: Sheet, frame: Frame, items: list[Any]) -> Expanded:
    """What becomes of the items that were read.

    Raises:
        StateError: an input cannot be computed.
    """
    state, language, scope = sheet.state(frame), sheet.language(frame), sheet.scope(frame)
    inputs = []
    for index, item in enumerate(items):
        context = {**scope.context, "Map": {"Item": {"Index": index, "Value": item}}}
        inputs.append(language.item_input(state, replace(scope, context=context), item))
    outer = sheet.container(())
    spoken = {"QueryLanguage": outer["QueryLanguage"]} if "QueryLanguage" in outer else {}
    processor, label = {**spoken, **state["ItemProcessor"]}, str(state.get("Label", ""))
    batcher = state.get("ItemBatcher")
    if batcher is None:
        return Expanded([(each, 1) for each in inputs], processor, label)
    shared = _filled(language, scope, batcher["BatchInput"]) if "BatchInput" in batcher else None
    told = {} if shared is None else {"BatchInput": shared}
    batches = _batches(language, scope, batcher, inputs, len(dump(told)))
    return Expanded([({**told, "Items": batch}, len(batch)) for batch in batches], processor, label)


def _batches(
    language: Language, scope: Scope, batcher: Mapping[str, Any], inputs: list[Any], shared: int
) -> list[list[Any]]:
    most = number(language.value(batcher, "MaxItemsPerBatch", scope), "MaxItemsPerBatch", least=1)
    size = number(language.value(batcher, "MaxInputBytesPerBatch", scope), "MaxInputBytesPerBatch", least=1)
    batches: list[list[Any]] = []
    used = 0
    for each in inputs:
        length = len(dump(each).encode()) + 1
        full = not batches or (most is not None and len(batches[-1]) >= most)
        if full or (size is not None and used + length > size):
            batches.append([])
            used = shared + len('{"Items":[]}')
        batches[-1].append(each)
        used += length
    return batches


def _reader(language: Language, scope: Scope, reader: Mapping[str, Any]) -> dict[str, Any]:
    config = reader.get("ReaderConfig", {})
    told = {name: config[name] for name in _READS if name in config}
    most = number(language.value(config, "MaxItems", scope), "MaxItems")
    return {
        **_call(language, scope, reader),
        "config": {**told, **({} if most is None else {"MaxItems": int(most)})},
    }


def _call(language: Language, scope: Scope, holder: Mapping[str, Any]) -> dict[str, Any]:
    given = holder.get("Parameters", holder.get("Arguments", {}))
    return {"resource": holder["Resource"], "parameters": _filled(language, scope, given)}


def _filled(language: Language, scope: Scope, value: Any) -> Any:
    member = "Arguments" if isinstance(language, JsonAta) else "Parameters"
    return language.arguments({"Type": "Pass", member: value}, scope)

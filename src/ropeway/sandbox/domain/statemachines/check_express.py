"""What express machines cannot do: wait for more than a call's answer, and start executions of their own for items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines.distributed import is_distributed
from ropeway.sandbox.domain.statemachines.resources import parse

__all__ = ["express_faults"]

_PATTERNS = {"sync": ".sync", "sync2": ".sync:2", "token": ".waitForTaskToken"}

Fault = tuple[str, str]


def express_faults(machine: Any, place: str, *, express: bool) -> Iterator[Fault]:
    """Messages with their places; distributed Map states may have express children in a standard machine."""
    states = machine.get("States") if isinstance(machine, Mapping) else None
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        where = f"{place}/States/{name}"
        if express:
            yield from _own(state, where)
        branches = state.get("Branches")
        for number, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from express_faults(branch, f"{where}/Branches[{number}]", express=express)
        kind = (
            state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType") if is_distributed(state) else None
        )
        for inner in ("ItemProcessor", "Iterator"):
            yield from express_faults(
                state.get(inner), f"{where}/{inner}", express=express or kind == "EXPRESS"
            )


def _own(state: Mapping[str, Any], place: str) -> Iterator[Fault]:
    resource = parse(state["Resource"]) if isinstance(state.get("Resource"), str) else None
    if is_distributed(state):
        yield "Express state machine does not support distributed Map states", place
    elif resource is not None and resource.kind == "activity":
        yield "Express state machine does not support Activity ARN", f"{place}/Resource"
    elif resource is not None and resource.pattern:
        words = f"Express state machine does not support '{_PATTERNS[resource.pattern]}' service integration"
        yield words, f"{place}/Resource"

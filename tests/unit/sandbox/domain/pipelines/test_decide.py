"""What happens next, as a table of how steps stand."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.pipelines.definition import parse
from ropeway.sandbox.domain.pipelines.decide import Decision, Plan, Situation, decide
from ropeway.sandbox.domain.pipelines.model import StepRun
from tests.unit.sandbox.domain.pipelines.engines import on, text_of, work


def branch(name: str, then: Any = (), otherwise: Any = ()) -> dict[str, Any]:
    test = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    arguments = {"Conditions": [test], "IfSteps": list(then), "ElseSteps": list(otherwise)}
    return {"Name": name, "Type": "Condition", "Arguments": arguments}


def fail(name: str) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {}}


def decided(steps: Any, stand: dict[str, str], **situation: Any) -> Decision:
    """Steps stand by a word: a status, ``waits`` (until 100), or a condition's ``True`` or ``False``."""
    plan = Plan.of(parse(text_of(*steps)))
    runs = {}
    for order, (name, word) in enumerate(stand.items()):
        outcome = {"Outcome": word} if word in {"True", "False"} else {}
        status = {"waits": "Starting", "True": "Succeeded", "False": "Succeeded"}.get(word, word)
        due = 100.0 if word == "waits" else None
        kind = plan.definition.steps[name].type
        runs[name] = StepRun("e", name, kind, status, 1, order, 0.0, outputs=outcome, due=due)
    defaults = {"status": "Executing", "limit": 10, "now": 0.0}
    return decide(plan, runs, Situation(**{**defaults, **situation}))


CHAIN = (work("A"), work("B", "A"), work("C", "B"))
GATE = (branch("G", [work("Y"), work("Y2", "Y")], [work("N")]), work("AfterY", "Y2"), work("AfterN", "N"))
NOTIFY = (work("A"), work("B", "A"), work("N", on("A", "Failed")), work("M", "N"), work("T", on("A", "Any")))


@pytest.mark.parametrize(
    ("steps", "stand", "expected"),
    [
        (CHAIN, {}, Decision(start=("A",))),
        (CHAIN, {"A": "Starting"}, Decision()),
        (CHAIN, {"A": "Executing"}, Decision()),
        (CHAIN, {"A": "Succeeded"}, Decision(start=("B",))),
        (CHAIN, {"A": "Succeeded", "B": "Failed"}, Decision(end="fail")),
        (CHAIN, {"A": "Succeeded", "B": "Stopped"}, Decision(end="fail")),
        (CHAIN, {"A": "Succeeded", "B": "Succeeded", "C": "Succeeded"}, Decision(end="succeed")),
        (GATE, {}, Decision(start=("G",))),
        (GATE, {"G": "True"}, Decision(start=("Y",))),
        (GATE, {"G": "False"}, Decision(start=("N",))),
        (GATE, {"G": "True", "Y": "Succeeded", "Y2": "Succeeded"}, Decision(start=("AfterY",))),
        (GATE, {"G": "False", "N": "Succeeded", "AfterN": "Succeeded"}, Decision(end="succeed")),
        (NOTIFY, {"A": "Succeeded"}, Decision(start=("B", "T"))),
        (NOTIFY, {"A": "Failed"}, Decision(start=("N", "T"))),
        (NOTIFY, {"A": "Stopped"}, Decision(start=("T",))),
        (NOTIFY, {"A": "Failed", "N": "Succeeded", "T": "Executing"}, Decision(start=("M",))),
        (
            NOTIFY,
            {"A": "Failed", "N": "Succeeded", "T": "Succeeded", "M": "Succeeded"},
            Decision(end="partly"),
        ),
        (NOTIFY, {"A": "Failed", "N": "Failed", "T": "Executing"}, Decision()),
        (NOTIFY, {"A": "Failed", "N": "Failed", "T": "Succeeded"}, Decision(end="fail")),
        ((fail("F"), work("N", on("F", "Failed"))), {"F": "Failed"}, Decision(end="fail")),
        ((work("A"), work("B")), {"A": "waits"}, Decision(start=("B",))),
        ((work("A"),), {"A": "waits"}, Decision()),
        ((work("A"), work("B")), {"A": "waits", "B": "Failed"}, Decision(drop=("A",))),
    ],
)
def test_what_is_next(steps: Any, stand: dict[str, str], expected: Decision) -> None:
    assert decided(steps, stand) == expected


@pytest.mark.parametrize(
    ("stand", "expected"),
    [
        ({"A": "Stopping"}, Decision()),
        ({"A": "waits"}, Decision(drop=("A",))),
        ({"A": "Stopped"}, Decision(end="halt")),
        ({"A": "Failed"}, Decision(end="halt")),
        ({"A": "Succeeded"}, Decision(end="halt")),
        ({}, Decision(end="halt")),
    ],
)
def test_what_is_next_while_it_stops(stand: dict[str, str], expected: Decision) -> None:
    assert decided(CHAIN, stand, status="Stopping") == expected


def test_a_retry_that_is_due_goes_before_what_is_new() -> None:
    steps = (work("A"), work("B"), work("C"))
    assert decided(steps, {"C": "waits"}, now=100.0, limit=2) == Decision(start=("C", "A"))
    assert decided(steps, {"C": "waits"}, now=99.0, limit=2) == Decision(start=("A", "B"))
    assert decided(steps, {"C": "waits", "A": "Executing"}, now=100.0, limit=1) == Decision()


@pytest.mark.parametrize(("limit", "expected"), [(1, ()), (2, ("C",)), (3, ("C", "D")), (9, ("C", "D"))])
def test_the_parallelism_bounds_what_starts(limit: int, expected: tuple[str, ...]) -> None:
    steps = (work("A"), work("B"), work("C"), work("D"))
    stand = {"A": "Executing", "B": "Succeeded"}
    assert decided(steps, stand, limit=limit) == Decision(start=expected)


def test_what_is_not_selected_never_runs() -> None:
    assert decided(CHAIN, {"A": "Succeeded"}, selected=frozenset("B")) == Decision(start=("B",))
    assert decided(CHAIN, {"A": "Succeeded", "B": "Succeeded"}, selected=frozenset("B")).end == "succeed"

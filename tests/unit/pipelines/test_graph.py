"""The graph of a definition: who waits for whom, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition, parse
from ropeway.pipelines.graph import check, dependencies


def step(name: str, arguments: Any = None, **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Processing", "Arguments": arguments or {}, **members}


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def definition(*steps: dict[str, Any]) -> Definition:
    parameters = [{"Name": "P", "Type": "String", "DefaultValue": "x"}]
    return parse(json.dumps({"Version": "2020-12-01", "Parameters": parameters, "Steps": list(steps)}))


def condition(name: str, conditions: Any, *branch: dict[str, Any]) -> dict[str, Any]:
    arguments = {"Conditions": conditions, "IfSteps": list(branch), "ElseSteps": []}
    return {"Name": name, "Type": "Condition", "Arguments": arguments}


FILE = {"PropertyFileName": "f", "OutputName": "o", "FilePath": "x.json"}


def json_get(step_name: str, file: str = "f", path: str = "a.b") -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": get(f"Steps.{step_name}.PropertyFiles.{file}"), "Path": path}}


def test_a_step_waits_for_what_it_names_and_for_its_condition() -> None:
    found = dependencies(
        definition(
            step("A"),
            step("B", {"x": get("Steps.A.Arn")}),
            condition("C", [{"LeftValue": get("Steps.B.Arn")}], step("D", DependsOn=["A"])),
            step("E", DependsOn=["D"]),
        )
    )
    assert found == {
        "A": frozenset(),
        "B": {"A"},
        "C": {"B"},
        "D": {"A", "C"},
        "E": {"D"},
    }


def test_a_correct_definition_passes() -> None:
    check(
        definition(
            step("A", PropertyFiles=[FILE]),
            step(
                "B",
                {
                    "a": get("Parameters.P"),
                    "b": get("Execution.PipelineExecutionId"),
                    "c": {"Std:Join": {"On": "/", "Values": [json_get("A")]}},
                    "d": {"Std:JsonGet": {"S3Uri": "s3://b/k", "Path": "Result"}},
                },
            ),
        )
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (get("Parameters.Q"), "parameter 'Q'"),
        (get("Execution.Nothing"), "Execution.Nothing is not known"),
        (get("Steps.Z.Arn"), "step 'Z'"),
        (get("Elsewhere.Z"), "no reference"),
        (json_get("A", "g"), "property file 'g' of A"),
        (get("Steps.A.PropertyFiles"), "property file ''"),
        ({"Std:Join": []}, "Std:Join takes"),
        ({"Std:Join": {"On": "/"}}, "Std:Join takes"),
        ({"Std:JsonGet": "x"}, "Std:JsonGet takes"),
        ({"Std:JsonGet": {"Path": "a"}}, "needs a PropertyFile"),
        ({"Std:JsonGet": {"PropertyFile": get("Steps.A.Arn"), "Path": "a"}}, "needs a PropertyFile"),
        (json_get("A", path="a["), "cannot be read"),
    ],
)
def test_a_wrong_expression_is_refused_with_its_step(arguments: Any, words: str) -> None:
    wrong = definition(step("A", PropertyFiles=[FILE]), step("B", {"x": [arguments]}))
    with pytest.raises(DefinitionError, match=f"step B: .*{words}"):
        check(wrong)


def test_depends_on_must_name_a_step() -> None:
    with pytest.raises(DefinitionError, match="step A: DependsOn names 'Z'"):
        check(definition(step("A", DependsOn=["Z"])))


@pytest.mark.parametrize(
    "steps",
    [
        (step("A", DependsOn=["A"]),),
        (step("A", DependsOn=["B"]), step("B", DependsOn=["A"])),
        (step("A", {"x": get("Steps.B.Arn")}), step("B", DependsOn=["A"])),
        (condition("C", [{"LeftValue": get("Steps.D.Arn")}], step("D")),),
        (condition("C", [{"LeftValue": get("Steps.E.Arn")}], step("D")), step("E", DependsOn=["D"])),
    ],
)
def test_steps_that_wait_for_each_other_are_refused(steps: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(DefinitionError, match="wait for each other"):
        check(definition(*steps))

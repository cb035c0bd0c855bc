"""Definition documents: what is read from them, and what is refused with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import MAX_BYTES, ParameterSpec, convert, parse


def fail(name: str = "F", **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {}, **members}


def text_of(*steps: Any, **members: Any) -> str:
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps), **members})


def parameter(**members: Any) -> str:
    return text_of(fail(), Parameters=[members])


def test_steps_come_out_flat_and_know_their_branch() -> None:
    inner = {
        "Name": "Inner",
        "Type": "Condition",
        "Arguments": {"Conditions": [1], "IfSteps": [fail("Deep")], "ElseSteps": None},
    }
    outer = {
        "Name": "Outer",
        "Type": "Condition",
        "Arguments": {"Conditions": [2], "IfSteps": [fail("Yes")], "ElseSteps": [inner]},
    }
    steps = parse(text_of(outer, fail("Last"))).steps
    assert list(steps) == ["Outer", "Yes", "Inner", "Deep", "Last"]
    assert (steps["Yes"].parent, steps["Yes"].branch) == ("Outer", True)
    assert (steps["Inner"].parent, steps["Inner"].branch) == ("Outer", False)
    assert (steps["Deep"].parent, steps["Deep"].branch) == ("Inner", True)
    assert steps["Outer"].arguments == {"Conditions": [2]}
    assert steps["Last"].parent is None


def test_a_step_s_members_are_read() -> None:
    step = fail(
        DependsOn=["A", {"Step": "B"}, {"Step": "C", "Trigger": "Completed"}],
        CacheConfig={"Enabled": True, "ExpireAfter": "PT1H"},
        PropertyFiles=[{"PropertyFileName": "f", "OutputName": "o", "FilePath": "a/b.json"}],
        DisplayName="shown",
    )
    spec = parse(text_of(step)).steps["F"]
    assert spec.depends_on == ("A", "B", "C")
    assert (spec.cache.enabled, spec.cache.expires) == (True, 3_600)
    assert spec.property_files["f"].path == "a/b.json"
    assert spec.settings["DisplayName"] == "shown"


def test_a_cache_without_an_age_never_expires() -> None:
    assert parse(text_of(fail(CacheConfig={"Enabled": True}))).steps["F"].cache.expires is None


def test_the_experiment_is_kept() -> None:
    assert parse(text_of(fail(), PipelineExperimentConfig={"ExperimentName": "e"})).experiment == {
        "ExperimentName": "e"
    }
    assert parse(text_of(fail(), PipelineExperimentConfig=None)).experiment is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "JSON object"),
        ("{}", "Version"),
        (json.dumps({"Version": "2021-01-01", "Steps": []}), "Version"),
        (text_of(), "at least one step"),
        (json.dumps({"Version": "2020-12-01"}), "list of steps"),
        (text_of("x"), r"Steps\[0\]"),
        (text_of(fail("")), "no step name"),
        (text_of(fail("a b")), "no step name"),
        (text_of(fail("x" * 65)), "no step name"),
        (text_of(fail(), fail()), "F: the name is used twice"),
        (text_of({"Name": "A"}), "A: it has no Type"),
        (text_of(fail(Arguments=[])), "F: Arguments must be an object"),
        (text_of(fail(DependsOn="A")), "F: DependsOn must be a list"),
        (text_of(fail(DependsOn=[1])), "F: DependsOn must be a list"),
        (text_of(fail(DependsOn=[{"Step": "A", "Trigger": "Always"}])), "Trigger 'Always'"),
        (text_of(fail(CacheConfig=1)), "F: CacheConfig"),
        (text_of(fail(CacheConfig={"Enabled": "yes"})), "F: CacheConfig"),
        (text_of(fail(CacheConfig={"Enabled": True, "ExpireAfter": "soon"})), "F: CacheConfig.ExpireAfter"),
        (text_of(fail(PropertyFiles=[{}])), "F: a property file needs"),
        (text_of(fail(), PipelineExperimentConfig=1), "PipelineExperimentConfig"),
        (text_of(fail(), Parameters={}), "Parameters must be a list"),
        (text_of(fail(), Parameters=[1]), r"Parameters\[0\]"),
        (parameter(Type="String"), "needs a Name"),
        (parameter(Name="P", Type="Text"), "P: Type must be one of"),
        (parameter(Name="P", Type="Integer", DefaultValue="1"), "P: DefaultValue '1'"),
        (parameter(Name="P", Type="Integer", DefaultValue=True), "P: DefaultValue True"),
        (parameter(Name="P", Type="String", DefaultValue="c", EnumValues=["a"]), "P: its DefaultValue"),
        (parameter(Name="P", Type="String", EnumValues="a"), "P: EnumValues must be a list"),
        (parameter(Name="P", Type="String", EnumValues=[1]), "P: EnumValues 1"),
        (text_of(fail(), Parameters=[{"Name": "P", "Type": "String"}] * 2), "P: the name is used twice"),
        (
            text_of(fail(), Parameters=[{"Name": f"P{n}", "Type": "String"} for n in range(201)]),
            "at most 200 parameters",
        ),
        (" " * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_a_wrong_document_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("String", "7", "7"),
        ("Integer", "7", 7),
        ("Float", "1e-05", 1e-05),
        ("Boolean", "True", True),
        ("Boolean", "false", False),
    ],
)
def test_a_start_s_text_becomes_the_parameter_s_type(kind: str, text: str, value: Any) -> None:
    converted = convert(ParameterSpec("P", kind), text)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (ParameterSpec("P", "Integer"), "7.5"),
        (ParameterSpec("P", "Float"), "x"),
        (ParameterSpec("P", "Boolean"), "1"),
        (ParameterSpec("P", "String", enum=("a", "b")), "c"),
    ],
)
def test_a_start_s_text_of_another_type_is_refused(spec: ParameterSpec, text: str) -> None:
    with pytest.raises(DefinitionError, match="parameter P"):
        convert(spec, text)


def test_the_default_of_a_float_may_be_written_as_an_integer() -> None:
    default = parse(parameter(Name="P", Type="Float", DefaultValue=1)).parameters["P"].default
    assert isinstance(default, float)

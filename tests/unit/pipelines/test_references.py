"""References: how paths are read, and where they are found."""

from __future__ import annotations

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines.references import Reference, expression, find, path_parts


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Parameters.Size", Reference("Parameters", "Size")),
        ("Execution.StartDateTime", Reference("Execution", "StartDateTime")),
        (
            "Steps.Train.ModelArtifacts.S3ModelArtifacts",
            Reference("Steps", "Train", ("ModelArtifacts", "S3ModelArtifacts")),
        ),
        (
            "Steps.P.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri",
            Reference("Steps", "P", ("ProcessingOutputConfig", "Outputs", "train", "S3Output", "S3Uri")),
        ),
        ("Steps.L.OutputParameters['a.b']", Reference("Steps", "L", ("OutputParameters", "a.b"))),
        ("Steps.T.List[2].Name", Reference("Steps", "T", ("List", 2, "Name"))),
        ('Steps.T.Map["k"]', Reference("Steps", "T", ("Map", "k"))),
    ],
)
def test_a_path_is_taken_apart(text: str, reference: Reference) -> None:
    assert Reference.parse(text) == reference


@pytest.mark.parametrize(
    "text", ["", "Nowhere.X", "Steps", "Steps.", "Parameters.[0]", "Steps.A.B['c", "Steps.A[x]"]
)
def test_a_path_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        Reference.parse(text)


def test_a_plain_path_may_start_with_a_position() -> None:
    assert path_parts("[0].a") == (0, "a")
    assert path_parts("") == ()


def test_only_objects_with_one_known_member_are_expressions() -> None:
    assert expression({"Get": "Parameters.A"}) == "Get"
    assert expression({"Std:Join": {}}) == "Std:Join"
    assert expression({"Get": "Parameters.A", "Other": 1}) is None
    assert expression({"Std:Unknown": {}}) is None
    assert expression("Get") is None


def test_references_are_found_however_deep() -> None:
    value = {
        "a": [{"Std:Join": {"On": "/", "Values": ["x", {"Get": "Parameters.A"}]}}],
        "b": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.S.PropertyFiles.F"}, "Path": "x"}},
        "c": 1,
    }
    assert [reference.name for reference in find(value)] == ["A", "S"]


def test_a_get_of_something_that_is_no_path_is_refused() -> None:
    with pytest.raises(DefinitionError, match="Get takes a path"):
        list(find({"Get": 3}))

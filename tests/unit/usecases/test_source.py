"""Where pipelines come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ropeway.errors import DefinitionError, RopewayError, UsageError
from ropeway.usecases.source import load

EMPTY = '{"Version": "2020-12-01", "Steps": []}'


def module(folder: Path, body: str) -> str:
    path = folder / "pipe.py"
    path.write_text(body)
    return str(path)


def test_a_module_s_function_is_called_with_the_arguments(tmp_path: Path) -> None:
    made = module(
        tmp_path,
        "class P:\n"
        "    name = 'own'\n"
        "    def __init__(self, rows): self.rows = rows\n"
        '    def definition(self): return \'{"Steps": [], "Rows": %d}\' % self.rows\n'
        "def get_pipeline(rows): return P(rows)\n",
    )
    source = load(made, {"rows": 3})
    assert (source.name, json.loads(source.definition)) == ("own", {"Steps": [], "Rows": 3})
    assert load(made, {"rows": 3}, name="other").name == "other"


def test_usual_arguments_that_are_left_out_are_filled_in(tmp_path: Path) -> None:
    made = module(
        tmp_path,
        "def get_pipeline(region, role=None, bucket='mine', **more):\n"
        "    return {'Steps': [], 'Got': [region, role, bucket]}\n",
    )
    defaults = {"region": "eu-west-1", "role": "R", "bucket": "B", "account": "1"}
    assert json.loads(load(made, defaults=defaults).definition)["Got"] == ["eu-west-1", "R", "mine"]
    assert json.loads(load(made, {"role": "X"}, defaults=defaults).definition)["Got"][1] == "X"


def test_another_function_may_be_named(tmp_path: Path) -> None:
    made = module(tmp_path, f"def other(): return '{EMPTY}'\n")
    assert load(f"{made}:other").name == "pipe"


def test_a_definition_file_is_named_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text(EMPTY)
    assert load(str(path)).name == "train"
    with pytest.raises(UsageError, match="takes no arguments"):
        load(str(path), {"a": 1})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the definition is no JSON: Expecting property name enclosed in double quotes"),
        ("[]", "the definition has no list of steps"),
        ('{"Version": "2020-12-01"}', "the definition has no list of steps"),
    ],
)
def test_a_malformed_definition_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "train.json"
    path.write_text(text)
    with pytest.raises(DefinitionError, match=message):
        load(str(path))


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match=r"^there is no module no_such\.module$"):
        load("no_such.module")


def test_what_cannot_be_a_module_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^'my-pipe' is no module and no definition file$"):
        load("my-pipe")


def test_a_module_that_lacks_a_package_says_which(tmp_path: Path) -> None:
    made = module(tmp_path, "import no_such_package\n")
    with pytest.raises(RopewayError, match="raised ModuleNotFoundError: No module named 'no_such_package'"):
        load(made)


def test_a_module_without_the_function_is_refused(tmp_path: Path) -> None:
    made = module(tmp_path, "x = 1\n")
    with pytest.raises(UsageError, match="has no function get_pipeline"):
        load(made)


def test_arguments_that_do_not_fit_are_told_with_those_that_do(tmp_path: Path) -> None:
    made = module(tmp_path, "def get_pipeline(region, rows=1): ...\n")
    with pytest.raises(UsageError, match="missing a required argument: 'region'") as caught:
        load(made)
    assert caught.value.hint == "it takes region, rows; give them with --kwargs"


def test_an_exception_of_the_module_tells_its_place(tmp_path: Path) -> None:
    made = module(tmp_path, "def get_pipeline():\n    raise ValueError('no data')\n")
    with pytest.raises(RopewayError, match=rf"raised ValueError: no data \({made}:2\)$"):
        load(made)


def test_a_result_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    made = module(tmp_path, "def get_pipeline(): return 7\n")
    with pytest.raises(UsageError, match="gave int, which is no pipeline"):
        load(made)

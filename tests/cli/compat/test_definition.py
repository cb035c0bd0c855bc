"""`get-pipeline-definition`, with the arguments that existing CI files give it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ropeway.cli.compat.get_pipeline_definition import main

Main = Callable[..., int]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Main:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipe_of_ci.py").write_text(
        "def get_pipeline(region): return {'Version': '2020-12-01', 'Steps': [], 'Metadata': {'R': region}}\n"
    )

    def run(*args: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(args)
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return run


def test_the_definition_is_printed_sorted(call: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-n", "pipe_of_ci.py", "-kwargs", "{'region': 'eu-west-1'}") == 0
    expected = {"Metadata": {"R": "eu-west-1"}, "Steps": [], "Version": "2020-12-01"}
    assert capsys.readouterr().out == json.dumps(expected, indent=2, sort_keys=True) + "\n"


def test_the_definition_is_written_to_a_file(
    call: Main, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        call("--module-name", "pipe_of_ci.py", "--kwargs", '{"region": "x"}', "--file-name", "out.json") == 0
    )
    assert capsys.readouterr().out == ""
    assert json.loads((tmp_path / "out.json").read_text())["Metadata"] == {"R": "x"}


def test_without_a_module_the_help_is_told(call: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 2
    told = capsys.readouterr().err
    assert told.startswith("usage: get-pipeline-definition")
    assert told.endswith("error: the following arguments are required: -n/--module-name\n")


def test_an_error_is_one_line_and_1(call: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-n", "no_such_module_of_ci") == 1
    assert capsys.readouterr().err.startswith("error: there is no module no_such_module_of_ci\n")

"""The demonstration as a user runs it: its summary as data, a second run, one that is kept, one that is interrupted."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.cli.conftest import Shell

COMMAND = [sys.executable, "-c", "from ropeway.cli import main; main()", "demo", "--quick"]


def processes_of(folder: Path) -> list[str]:
    """Commands of the processes that still work in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            words = (entry / "cmdline").read_text(errors="replace") if entry.name.isdigit() else ""
            if str(folder) in words:
                found.append(words.replace("\0", " "))
    return found


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """A folder and what two runs in it told; the second leaves its sandbox running."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / ".ropeway").mkdir()
    told = []
    for options in ([], ["--keep"]):
        done = subprocess.run(
            [*COMMAND, *options, "--output", "json"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))
        if not options:
            assert processes_of(folder) == []
    yield folder, told
    pid = json.loads((folder / ".ropeway/demo/quick/sandbox/server.json").read_text())["pid"]
    os.kill(pid, signal.SIGTERM)


def test_it_ends_with_predictions_by_an_approved_model(twice: tuple[Path, list[dict[str, Any]]]) -> None:
    result = twice[1][0]["result"]
    with Path(result["predictions"]["file"]).open() as file:
        head, *rows = csv.reader(file)
    assert head[-1] == "probability"
    assert len(rows) == result["predictions"]["rows"] == result["rows"]["batch"]
    assert result["auc"]["lower"] < result["auc"]["value"] < result["auc"]["upper"]
    assert result["approval"] == "Approved"
    assert Path(twice[1][0]["logs"]).is_dir()


def test_a_second_run_adds_a_version_and_judges_the_same(twice: tuple[Path, list[dict[str, Any]]]) -> None:
    first, second = (told["result"] for told in twice[1])
    assert (first["model"][-2:], second["model"][-2:]) == ("/1", "/2")
    assert first["auc"] == second["auc"]


def test_a_kept_sandbox_answers_what_ran(twice: tuple[Path, list[dict[str, Any]]]) -> None:
    told = twice[1][1]
    sagemaker = boto3.client(
        "sagemaker",
        "eu-west-1",
        endpoint_url=told["endpoint"],
        aws_access_key_id="111111111111",
        aws_secret_access_key="x",
    )
    arn = told["result"]["training"]["arn"]
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert told["running"] is True
    assert described["PipelineExecutionStatus"] == "Succeeded"


def test_ctrl_c_leaves_nothing_running(folder: Path) -> None:
    command = subprocess.Popen(COMMAND, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
    with command as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "sandbox" in line and line.startswith("✓"):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert processes_of(folder) == []


def test_a_wrong_option_is_told_before_anything_starts(shell: Shell) -> None:
    done = shell("demo", "--output", "yaml")
    assert done.returncode == 2
    assert "yaml" in done.stderr

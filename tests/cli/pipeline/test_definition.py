"""`ropeway pipeline definition` and `graph`: what they print of a module or a file, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke

MODULE = """
from ropeway.pipelines import *

def get_pipeline(region, role, default_bucket, limit=6):
    print("noise")
    prepare = ProcessingStep("Prepare", image="i", outputs=[Output("train")])
    train = TrainingStep("Train", image="i", inputs={"train": prepare.output("train")})
    gate = ConditionStep(
        "Gate",
        conditions=[ConditionLessThan(limit, 7)],
        if_steps=[ModelStep("Model", image="i", model_data=train.model_data)],
        else_steps=[FailStep("TooBad", depends_on=[train])],
    )
    return Pipeline("abalone", [prepare, train, gate], bucket=default_bucket, role=role)
"""

GRAPH = """\
abalone
├─ Prepare (Processing)
├─ Train (Training)  after Prepare
└─ Gate (Condition)
   ├─ if: Model (Model)  after Train
   └─ else: TooBad (Fail)  after Train
"""

MERMAID = """\
flowchart TD
  s_Prepare["Prepare<br/>Processing"]
  s_Train["Train<br/>Training"]
  s_Gate{"Gate<br/>Condition"}
  s_Model["Model<br/>Model"]
  s_TooBad["TooBad<br/>Fail"]
  s_Prepare --> s_Train
  s_Gate -->|if| s_Model
  s_Gate -->|else| s_TooBad
  s_Train --> s_Model
  s_Train --> s_TooBad
"""


@pytest.fixture
def module(folder: Path, sandbox: Server) -> str:
    (folder / "pipe.py").write_text(MODULE)
    return "pipe.py"


def test_a_module_s_definition_is_printed_with_the_target_s_role_and_bucket(
    invoke: Invoke, module: str
) -> None:
    result = invoke("pipeline", "definition", module)
    assert result.exit_code == 0, result.stderr
    steps = {step["Name"]: step for step in json.loads(result.stdout)["Steps"]}
    arguments = steps["Train"]["Arguments"]
    assert arguments["RoleArn"] == "arn:aws:iam::111111111111:role/RopewayExecutionRole"
    values = arguments["OutputDataConfig"]["S3OutputPath"]["Std:Join"]["Values"]
    assert values[0] == "s3://sagemaker-eu-west-1-111111111111/abalone"


def test_what_the_module_prints_is_not_mixed_with_data(invoke: Invoke, module: str) -> None:
    result = invoke("pipeline", "definition", module)
    assert "noise" in result.stderr
    assert "noise" not in result.stdout


def test_arguments_may_be_json_or_python(invoke: Invoke, module: str) -> None:
    for text in ('{"limit": 9, "role": null}', "{'limit': 9, 'role': None}"):
        result = invoke("pipeline", "definition", module, "--kwargs", text)
        gate = json.loads(result.stdout)["Steps"][2]
        assert gate["Arguments"]["Conditions"][0]["LeftValue"] == 9


def test_the_graph_is_drawn(invoke: Invoke, module: str) -> None:
    assert invoke("pipeline", "graph", module).stdout == GRAPH
    assert invoke("pipeline", "graph", module, "--format", "mermaid").stdout == MERMAID
    dot = invoke("pipeline", "graph", module, "--format", "dot").stdout
    assert dot.startswith('digraph "abalone" {\n')
    assert '  "Gate" -> "Model" [label="if"];\n' in dot
    told = json.loads(invoke("pipeline", "graph", module, "--output", "json").stdout)
    assert told["steps"][1]["waits_for"] == ["Prepare"]


def test_a_file_needs_no_target(invoke: Invoke, folder: Path) -> None:
    (folder / "train.json").write_text('{"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Fail"}]}')
    result = invoke("pipeline", "graph", "train.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "train\n└─ A (Fail)\n", "")


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["no.such"], 2, "error: there is no module no.such\n"),
        (["pipe.py:other"], 2, "error: pipe.py has no function other\n"),
        (
            ["pipe.py", "--kwargs", '{"x": 1}'],
            2,
            "error: get_pipeline of pipe.py: got an unexpected keyword argument 'x'\n",
        ),
        (["pipe.py", "--kwargs", "{x"], 2, "error: --kwargs is neither JSON nor a Python literal: {x\n"),
        (["pipe.py", "--kwargs", "[1]"], 2, "error: --kwargs is a list, not a dict: [1]\n"),
        (["gone.json"], 2, "error: cannot read gone.json: No such file or directory\n"),
        (["broken.json"], 2, "error: the definition is no JSON: Expecting value: line 1 column 1 (char 0)\n"),
        (["raises.py"], 1, "error: get_pipeline of raises.py raised ZeroDivisionError: division by zero"),
    ],
)
def test_bad_input_is_told(
    invoke: Invoke, folder: Path, module: str, args: list[str], code: int, message: str
) -> None:
    (folder / "broken.json").write_text("no json")
    (folder / "raises.py").write_text("def get_pipeline(): return 1 / 0\n")
    result = invoke("pipeline", "definition", *args)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""

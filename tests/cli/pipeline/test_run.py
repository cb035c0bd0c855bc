"""`ropeway pipeline run` and what follows it, with real executions on a sandbox."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke

MODULE = """
from pathlib import Path
from ropeway.pipelines import *

HERE = Path(__file__).parent
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

def get_pipeline(region, role, default_bucket, pipeline_name="tiny"):
    rows = ParameterInteger("Rows", 3)
    make = ProcessingStep(
        "Make",
        image=IMAGE,
        code=HERE / "make.py",
        args=[rows],
        outputs=[Output("data")],
        property_files=[PropertyFile("Report", "data", "report.json")],
        cache=CacheConfig(expire_after="P1D"),
    )
    check = ProcessingStep(
        "Check",
        image=IMAGE,
        code=HERE / "check.py",
        inputs=[Input(make.output("data"), "/opt/ml/processing/input/data")],
    )
    gate = ConditionStep(
        "Gate",
        conditions=[ConditionGreaterThan(JsonGet(make, "Report", "rows"), 1)],
        if_steps=[check],
        else_steps=[FailStep("TooFew", message=Join(" ", ["rows:", rows]))],
    )
    return Pipeline(pipeline_name, [make, gate], [rows], bucket=default_bucket, role=role)
"""

MAKE = """
import json, sys
rows = int(sys.argv[1])
print("making", rows)
if rows == 13:
    raise ValueError("thirteen rows")
with open("/opt/ml/processing/data/report.json", "w") as report:
    json.dump({"rows": rows}, report)
"""

CHECK = """
import json
print("checking", json.load(open("/opt/ml/processing/input/data/report.json")))
"""


@pytest.fixture
def module(folder: Path, sandbox: Server) -> str:
    """A module that makes rows, and checks them when there are enough."""
    (folder / "pipe.py").write_text(MODULE)
    (folder / "make.py").write_text(MAKE)
    (folder / "check.py").write_text(CHECK)
    return "pipe.py"


def untimed(text: str) -> str:
    """Text without what differs from run to run."""
    text = re.sub(r"[0-9.]+ m?s\b", "N s", text)
    return re.sub(r"tiny/[a-z0-9]{12}", "tiny/ID", text)


def test_a_run_succeeds_and_its_tree_is_printed(invoke: Invoke, module: str) -> None:
    result = invoke("pipeline", "run", module)
    assert result.exit_code == 0, result.stderr
    assert untimed(result.stdout) == (
        "tiny/ID  Succeeded  N s\n"
        "├─ ✓ Make             Processing  Succeeded  N s\n"
        "└─ ✓ Gate             Condition   Succeeded  N s  outcome True\n"
        "   ├─ if: ✓ Check     Processing  Succeeded  N s\n"
        "   └─ else: - TooFew  Fail        not run\n"
    )
    told = result.stderr
    assert re.search(
        r"^target: sandbox http://127\.0\.0\.1:\d+ \(account 111111111111, eu-west-1\)$", told, re.MULTILINE
    )
    assert re.search(r"^✓ Make  Succeeded  [0-9.]+ m?s$", told, re.MULTILINE)


def test_the_second_run_takes_the_first_one_s_result(invoke: Invoke, module: str) -> None:
    name = ("--kwargs", '{"pipeline_name": "cached"}')
    first = json.loads(invoke("pipeline", "run", module, *name, "--output", "json").stdout)
    second = json.loads(invoke("pipeline", "run", module, *name, "--output", "json").stdout)
    assert second["status"] == "Succeeded"
    steps = {step["name"]: step for step in second["steps"]}
    assert steps["Make"]["cached_from"] == first["arn"]
    assert steps["Check"]["cached_from"] is None


def test_a_failure_tells_reason_and_log_and_ends_with_1(invoke: Invoke, module: str) -> None:
    name = ("--kwargs", '{"pipeline_name": "failing"}')
    result = invoke("pipeline", "run", module, *name, "-p", "Rows=13")
    assert result.exit_code == 1
    assert "✗ Make" in result.stdout
    assert "the last lines of Make:\n  making 13\n" in result.stderr
    assert "  ValueError: thirteen rows\n" in result.stderr
    assert re.search(
        r"^error: execution failing/\w+ failed: step Make: .*exit code: 1", result.stderr, re.MULTILINE
    )
    assert re.search(r"^hint: ropeway pipeline logs failing/\w+ --step Make$", result.stderr, re.MULTILINE)

    shown = invoke("pipeline", "show", "failing")
    assert shown.exit_code == 1
    assert shown.stdout == result.stdout
    logs = invoke("pipeline", "logs", "failing", "--step", "Make")
    assert logs.stdout.startswith("making 13\n")
    assert invoke("pipeline", "list", "failing").stdout.splitlines()[1].split()[1] == "Failed"


def test_the_fail_branch_tells_its_message(invoke: Invoke, module: str) -> None:
    result = invoke("pipeline", "run", module, "--kwargs", '{"pipeline_name": "few"}', "-p", "Rows=1")
    assert result.exit_code == 1
    assert re.search(
        r"^error: execution few/\w+ failed: step TooFew: .*rows: 1$", result.stderr, re.MULTILINE
    )


def test_a_failed_execution_is_retried(invoke: Invoke, module: str, folder: Path) -> None:
    name = ("--kwargs", '{"pipeline_name": "again"}')
    (folder / "check.py").write_text("import os; assert os.environ.get('NEVER')\n")
    assert invoke("pipeline", "run", module, *name).exit_code == 1
    retried = invoke("pipeline", "retry", "again")
    assert retried.exit_code == 1
    assert len(invoke("pipeline", "list", "again").stdout.splitlines()) == 2


def test_an_execution_is_stopped(invoke: Invoke, module: str, folder: Path) -> None:
    (folder / "make.py").write_text("import time; time.sleep(60)\n")
    name = ("--kwargs", '{"pipeline_name": "long"}')
    started = invoke("pipeline", "run", module, *name, "--no-wait")
    assert started.exit_code == 0
    arn = started.stdout.strip()
    assert invoke("pipeline", "stop", arn).stdout == f"stopping {arn}\n"
    shown = invoke("pipeline", "show", "long", "--follow")
    assert shown.exit_code == 1
    assert re.search(r"^error: execution long/\w+ is Stopped", shown.stderr, re.MULTILINE)


def test_a_pipeline_that_is_there_runs_by_its_name(invoke: Invoke, module: str) -> None:
    assert invoke("pipeline", "upsert", module, "--kwargs", '{"pipeline_name": "named"}').exit_code == 0
    result = invoke("pipeline", "run", "named", "-p", "Rows=2")
    assert result.exit_code == 0, result.stderr
    names = [line.split()[0] for line in invoke("pipeline", "list").stdout.splitlines()]
    assert "named" in names


LAMBDA = """
from pathlib import Path
from ropeway.pipelines import *

def get_pipeline(region, role):
    function = LambdaFunction("add-one", Path(__file__).parent / "add.py", role)
    add = LambdaStep("Add", function=function, inputs={"n": 1}, outputs={"n": "Integer"})
    gate = ConditionStep(
        "Gate", conditions=[ConditionNot(ConditionEquals(add.output("n"), 3))], else_steps=[FailStep("No")]
    )
    return Pipeline("adding", [add, gate], region=region, role=role)
"""


def test_a_lambda_step_brings_its_function_and_brings_it_up_to_date(
    invoke: Invoke, folder: Path, sandbox: Server
) -> None:
    (folder / "adding.py").write_text(LAMBDA)
    (folder / "add.py").write_text("def lambda_handler(event, context): return {'n': event['n'] + 1}\n")
    first = invoke("pipeline", "run", "adding.py")
    assert first.exit_code == 0, first.stderr
    assert "function add-one created\n" in first.stderr
    assert "function add-one unchanged\n" in invoke("pipeline", "run", "adding.py").stderr
    (folder / "add.py").write_text("def lambda_handler(event, context): return {'n': event['n'] + 2}\n")
    changed = invoke("pipeline", "run", "adding.py")
    assert "function add-one updated\n" in changed.stderr
    assert changed.exit_code == 1


def test_upsert_tells_what_it_did_and_tags(invoke: Invoke, module: str, sandbox: Server) -> None:
    args = ("pipeline", "upsert", module, "--kwargs", '{"pipeline_name": "tagged"}', "--output", "json")
    first = json.loads(invoke(*args, "--tag", "team=risk").stdout)
    assert (first["action"], first["name"]) == ("created", "tagged")
    assert json.loads(invoke(*args).stdout) == {**first, "action": "unchanged", "uploaded": 0}
    client: Any = boto3.client(
        "sagemaker",
        endpoint_url=sandbox.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="x",
    )
    assert client.list_tags(ResourceArn=first["arn"])["Tags"] == [{"Key": "team", "Value": "risk"}]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["run", "never-was"], 1, "error: StartPipelineExecution: "),
        (["run", "pipe.py", "-p", "Rows=many"], 1, "(ValidationException)"),
        (["run", "pipe.py", "-p", "Row=1"], 1, "(ValidationException)"),
        (["run", "pipe.py", "-p", "Rows"], 2, "error: --parameter 'Rows' is not name=value"),
        (["show", "never-was"], 1, "(ResourceNotFound)"),
        (["logs", "never-was"], 1, "(ResourceNotFound)"),
        (["stop", "never-was/abc"], 1, "(ResourceNotFound)"),
        (
            ["show", "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/x/execution/abcdefghijkl"],
            1,
            "error: ",
        ),
        (["logs", "never-was", "--follow"], 2, "error: --follow follows one step"),
        (["upsert", "cyclic.json"], 1, "(ValidationException)"),
    ],
)
def test_bad_input_is_told(
    invoke: Invoke, folder: Path, module: str, args: list[str], code: int, message: str
) -> None:
    steps = [{"Name": a, "Type": "Fail", "Arguments": {}, "DependsOn": [b]} for a, b in ("AB", "BA")]
    (folder / "cyclic.json").write_text(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    result = invoke("pipeline", *args)
    assert result.exit_code == code, result.output
    assert message in result.stderr

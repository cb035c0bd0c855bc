"""Script mode: the training toolkit's contract, for the XGBoost and scikit-learn images."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.jobs.model import Outcome
from tests.sandbox.jobs.conftest import SKLEARN, XGBOOST, World, s3_channel, wheel

SHOW = """
import json, os, sys
print("RESULT " + json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ)}))
"""


def source(world: World, files: dict[str, str | bytes]) -> str:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return world.put("s3://bucket/code/sourcedir.tar.gz", content.getvalue())


def script(world: World, program: str, files: dict[str, str | bytes], **own: Any) -> dict[str, str]:
    """Hyperparameters as the SDK writes them: every value is JSON."""
    values = {"sagemaker_program": program, "sagemaker_submit_directory": source(world, files), **own}
    return {name: json.dumps(value) for name, value in values.items()}


def result(world: World, job: Any) -> dict[str, Any]:
    line = next(line for line in world.log(job).splitlines() if line.startswith("RESULT "))
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    return found


@pytest.mark.parametrize("image", [SKLEARN, XGBOOST])
def test_a_script_gets_its_hyperparameters_and_variables(world: World, image: str) -> None:
    world.put("s3://bucket/data/rows.csv", "1,2")
    parameters = script(world, "train.py", {"train.py": SHOW}, depth=3, name="a b", flag=True, k=0.5)
    channels = [s3_channel("train", "s3://bucket/data/")]
    job = world.training(image, parameters, InputDataConfig=channels)
    outcome = world.run(job)
    assert outcome.status == "Completed", (outcome, world.log(job))
    shown = result(world, job)
    assert shown["argv"] == ["--depth", "3", "--flag", "True", "-k", "0.5", "--name", "a b"]
    assert shown["cwd"] == "/opt/ml/code"
    env = shown["env"]
    assert env["SM_MODEL_DIR"] == "/opt/ml/model"
    assert env["SM_CHANNEL_TRAIN"] == "/opt/ml/input/data/train"
    assert env["SM_OUTPUT_DATA_DIR"] == "/opt/ml/output/data"
    assert env["SM_HP_DEPTH"] == "3"
    assert json.loads(env["SM_CHANNELS"]) == ["train"]
    assert json.loads(env["SM_HPS"]) == {"depth": 3, "flag": True, "k": 0.5, "name": "a b"}
    assert json.loads(env["SM_TRAINING_ENV"])["job_name"] == job.name
    assert env["SM_USER_ENTRY_POINT"] == "train.py"
    assert env["TRAINING_JOB_ARN"] == job.arn


def test_what_a_script_leaves_in_the_model_and_data_folders_is_uploaded(world: World) -> None:
    text = (
        "import os, pathlib\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'deep').mkdir()\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'deep', 'weights').write_text('w')\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DATA_DIR'], 'report').write_text('r')\n"
    )
    job = world.training(SKLEARN, script(world, "train.py", {"train.py": text}))
    assert world.run(job).status == "Completed", world.log(job)
    folder = world.objects.folder / "bucket/models" / job.name / "output"
    with tarfile.open(folder / "model.tar.gz") as tar:
        assert tar.getnames() == ["deep", "deep/weights"]
    with tarfile.open(folder / "output.tar.gz") as tar:
        assert tar.getnames() == ["report"]


def test_a_job_that_writes_no_model_has_an_empty_archive(world: World) -> None:
    job = world.training(SKLEARN, script(world, "train.py", {"train.py": "pass"}))
    outcome = world.run(job)
    assert outcome.status == "Completed"
    assert outcome.result["ModelArtifacts"]["S3ModelArtifacts"].endswith("/output/model.tar.gz")
    folder = world.objects.folder / "bucket/models" / job.name / "output"
    with tarfile.open(folder / "model.tar.gz") as tar:
        assert tar.getnames() == []
    assert not (folder / "output.tar.gz").exists()


def test_a_shell_script_runs_by_the_shell(world: World) -> None:
    job = world.training(SKLEARN, script(world, "run.sh", {"run.sh": 'echo "got $1=$2"'}, size="big one"))
    assert world.run(job).status == "Completed", world.log(job)
    assert "got --size=big one" in world.log(job)


def test_a_script_that_raises_fails_with_its_traceback(world: World) -> None:
    job = world.training(SKLEARN, script(world, "train.py", {"train.py": "raise KeyError('label')"}, eta=1))
    outcome = world.run(job)
    assert outcome.status == outcome.secondary == "Failed"
    reason = str(outcome.failure_reason)
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n")
    assert "KeyError: 'label'" in reason
    assert "train.py --eta 1" in reason
    assert reason.endswith("exit code: 1")
    assert "ModelArtifacts" not in outcome.result


def test_an_entry_that_is_not_in_the_archive_fails_and_says_what_is(world: World) -> None:
    job = world.training(SKLEARN, script(world, "main.py", {"train.py": "pass"}))
    reason = str(world.run(job).failure_reason)
    assert "main.py" in reason
    assert "train.py" in reason


def test_a_missing_archive_is_named(world: World) -> None:
    parameters = {"sagemaker_program": "a.py", "sagemaker_submit_directory": "s3://bucket/none.tar.gz"}
    outcome = world.run(world.training(SKLEARN, parameters))
    assert outcome.status == "Failed"
    assert "s3://bucket/none.tar.gz" in str(outcome.failure_reason)


def test_an_archive_that_is_none_fails_the_job(world: World) -> None:
    uri = world.put("s3://bucket/code/broken.tar.gz", b"not an archive")
    parameters = {"sagemaker_program": "a.py", "sagemaker_submit_directory": uri}
    assert "could not be unpacked" in str(world.run(world.training(SKLEARN, parameters)).failure_reason)


def test_requirements_are_installed_once_into_an_environment_of_their_own(world: World) -> None:
    files: dict[str, str | bytes] = {
        "train.py": "import numpy, own_tool; print('RESULT', own_tool.__file__, own_tool.VALUE)",
        "requirements.txt": "--no-index\n./own_tool-1.0-py3-none-any.whl\n",
        "own_tool-1.0-py3-none-any.whl": wheel("own_tool", "1.0", "VALUE = 41 + 1\n"),
    }
    logs = []
    for _ in range(2):
        job = world.training(SKLEARN, script(world, "train.py", files))
        assert world.run(job).status == "Completed", world.log(job)
        logs.append(next(line for line in world.log(job).splitlines() if line.startswith("RESULT")))
    assert logs[0] == logs[1]
    assert world.state / "envs" in Path(logs[0].split()[1]).parents
    assert logs[0].endswith(" 42")


def test_another_interpreter_needs_neither_pip_nor_ropeway(world: World, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    (world.state.parent / "runtimes.toml").write_text(
        f'[[runtime]]\nname = "bare"\nimage = "bare"\nkind = "script"\npython = "{tmp_path}/bare/bin/python"\n',
        encoding="utf-8",
    )
    files: dict[str, str | bytes] = {
        "train.py": "import os, own_tool; print('RESULT', own_tool.VALUE, os.environ['SM_MODEL_DIR'])",
        "requirements.txt": "--no-index\n./own_tool-1.0-py3-none-any.whl\n",
        "own_tool-1.0-py3-none-any.whl": wheel("own_tool", "1.0", "VALUE = 43\n"),
    }
    job = world.training("bare", script(world, "train.py", files))
    assert world.run(job).status == "Completed", world.log(job)
    assert "RESULT 43" in world.log(job)


def test_requirements_that_cannot_be_installed_fail_the_job_with_pip_s_words(world: World) -> None:
    files: dict[str, str | bytes] = {"train.py": "pass", "requirements.txt": "--no-index\nno-such-thing==9\n"}
    outcome = world.run(world.training(SKLEARN, script(world, "train.py", files)))
    assert outcome.status == "Failed"
    assert "InstallRequirementsError" in str(outcome.failure_reason)
    assert "no-such-thing==9" in str(outcome.failure_reason)


def test_metrics_are_what_the_definitions_find_last(world: World) -> None:
    algorithm = {
        "TrainingImage": SKLEARN,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=([0-9.]+)"}],
    }
    text = "print('loss=0.9')\nprint('loss=0.25 end')"
    parameters = script(world, "train.py", {"train.py": text})
    outcome = world.run(world.training(SKLEARN, parameters, AlgorithmSpecification=algorithm))
    assert [(m["MetricName"], m["Value"]) for m in outcome.result["FinalMetricDataList"]] == [("loss", 0.25)]


def test_checkpoints_come_back_and_go_out(world: World) -> None:
    text = (
        "import pathlib\n"
        "folder = pathlib.Path('/opt/ml/checkpoints')\n"
        "assert (folder / 'old').read_text() == '1'\n"
        "(folder / 'new').write_text('2')\n"
    )
    world.put("s3://bucket/checkpoints/old", "1")
    parameters = script(world, "train.py", {"train.py": text})
    job = world.training(SKLEARN, parameters, CheckpointConfig={"S3Uri": "s3://bucket/checkpoints"})
    outcome = world.run(job)
    assert outcome.status == "Completed", (outcome, world.log(job))
    assert world.objects.text("s3://bucket/checkpoints/new") == "2"


def test_training_over_its_time_keeps_its_model(world: World) -> None:
    text = "import time; open('/opt/ml/model/half', 'w').write('x'); time.sleep(60)"
    parameters = script(world, "train.py", {"train.py": text})
    job = world.training(SKLEARN, parameters, StoppingCondition={"MaxRuntimeInSeconds": 1})
    outcome: Outcome = world.run(job)
    assert (outcome.status, outcome.secondary) == ("Stopped", "MaxRuntimeExceeded")
    with tarfile.open(world.objects.folder / "bucket/models" / job.name / "output/model.tar.gz") as tar:
        assert tar.getnames() == ["half"]


def test_an_image_without_a_train_command_needs_an_entrypoint(world: World) -> None:
    outcome = world.run(world.training("python:3.11"))
    assert "ContainerEntrypoint" in str(outcome.failure_reason)


def test_an_entrypoint_replaces_the_train_command(world: World) -> None:
    algorithm = {
        "TrainingImage": "public.ecr.aws/docker/library/python:3.11-slim",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/sh", "-c"],
        "ContainerArguments": ["cat /opt/ml/input/config/hyperparameters.json; ls /opt/ml/input/config"],
    }
    job = world.training("", {"a": "1"}, AlgorithmSpecification=algorithm)
    assert world.run(job).status == "Completed", world.log(job)
    assert '{"a": "1"}' in world.log(job)
    assert "inputdataconfig.json" in world.log(job)


def test_training_that_is_stopped_says_so_and_keeps_its_model(world: World) -> None:
    text = (
        "import pathlib, signal, sys, time\n"
        "def stop(*_):\n"
        "    pathlib.Path('/opt/ml/model/saved').write_text('x')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "pathlib.Path('/opt/ml/output/data/up').touch()\n"
        "time.sleep(60)\n"
    )
    job = world.training(SKLEARN, script(world, "train.py", {"train.py": text}))
    world.runner.launch(job)
    up = world.state / "jobs/111111111111/eu-west-1/training-job" / job.name / "work/algo-1/ml/output/data/up"
    deadline = time.monotonic() + 20
    while not up.exists():
        assert time.monotonic() < deadline, "the script did not start"
        time.sleep(0.02)
    world.runner.stop(job.arn)
    outcome = world.reports.wait(job.arn)
    assert (outcome.status, outcome.secondary) == ("Stopped", "Stopped")
    with tarfile.open(world.objects.folder / "bucket/models" / job.name / "output/model.tar.gz") as tar:
        assert tar.getnames() == ["saved"]


@pytest.mark.parametrize(
    ("image", "package"),
    [
        ("pytorch-training:2.3-cpu-py311", "torch"),
        ("huggingface-pytorch-training:2.1.0-transformers4.36.0-gpu-py310", "torch"),
        ("tensorflow-training:2.14-cpu-py310", "tensorflow"),
    ],
)
def test_a_framework_that_is_not_installed_is_named_with_a_way_out(
    world: World, image: str, package: str
) -> None:
    registry = "763104351884.dkr.ecr.eu-west-1.amazonaws.com"
    job = world.training(f"{registry}/{image}", script(world, "train.py", {"train.py": "pass"}))
    reason = str(world.run(job).failure_reason)
    assert f"needs the package {package}" in reason
    assert "runtimes.toml" in reason

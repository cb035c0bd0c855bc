"""Functions with ``@step`` run in a process that has the SDK imported, and cannot tell; a stand-in is the SDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.jobs.model import Job
from tests.sandbox.jobs.conftest import Build, World, s3_channel, wheel

CHANNEL = "sagemaker_remote_function_bootstrap"
DRIVER = f"/opt/ml/input/data/{CHANNEL}/job_driver.sh"
SDK = "import os\nimporter = os.getpid()\n"
FUNCTION = """
import json, os, pathlib, sagemaker, signal, subprocess, sys, time
told = {"importer": sagemaker.importer, "arguments": sys.argv[1:], "job": os.environ["TRAINING_JOB_NAME"]}
told |= {"prefix": sys.prefix, "main": __name__, "executable": sys.executable}
pathlib.Path("/opt/ml/output/data").joinpath("told.json").write_text(json.dumps(told))
if "exit" in sys.argv:
    sys.exit(3)
if "raise" in sys.argv:
    raise ValueError("out of luck")
if "crash" in sys.argv:
    os.kill(os.getpid(), signal.SIGSEGV)
if "wait" in sys.argv:
    subprocess.Popen(["sleep", "600"])
    pathlib.Path("/opt/ml/output/data/up").write_text(str(os.getpid()))
    time.sleep(600)
print("RESULT", json.dumps(told))
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter that has the stand-in."""
    home = tmp_path / "user"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    packages = next((home / "lib").glob("python*/site-packages"))
    (packages / "sagemaker" / "remote_function").mkdir(parents=True)
    (packages / "sagemaker" / "__init__.py").write_text(SDK, encoding="utf-8")
    (packages / "sagemaker" / "remote_function" / "__init__.py").touch()
    # Importing it, as the warm process does, does nothing.
    body = FUNCTION.replace("\n", "\n    ")
    (packages / "sagemaker" / "remote_function" / "invoke_function.py").write_text(
        f"if __name__ == '__main__':\n    {body}\n", encoding="utf-8"
    )
    return home / "bin" / "python"


def step_function(world: World, python: Path, *arguments: str, before: str = "true") -> Job:
    script = f'set -eu\n{before}\npython -m sagemaker.remote_function.invoke_function "$@"\n'
    world.put("s3://bucket/bootstrap/job_driver.sh", script)
    job = world.training("unused", {}, InputDataConfig=[s3_channel(CHANNEL, "s3://bucket/bootstrap")])
    job.request["AlgorithmSpecification"] = {  # type: ignore[index] # a plain dictionary in these tests
        "TrainingImage": f"ropeway.local/interpreter{python}",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/bash", DRIVER],
        "ContainerArguments": list(arguments),
    }
    return job


def told(world: World, job: Job) -> dict[str, Any]:
    line = next(line for line in world.log(job).splitlines() if line.startswith("RESULT "))
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    return found


def test_jobs_share_the_import_and_nothing_else(world: World, python: Path) -> None:
    jobs = [step_function(world, python, "--number", str(number)) for number in range(2)]
    for job in jobs:
        assert world.run(job).status == "Completed", world.log(job)
    first, second = (told(world, job) for job in jobs)
    assert first["importer"] == second["importer"]
    assert [one["arguments"] for one in (first, second)] == [["--number", "0"], ["--number", "1"]]
    assert [one["job"] for one in (first, second)] == [job.name for job in jobs]
    assert first["main"] == "__main__"
    assert all(f"/{job.name}/" in one["prefix"] for one, job in zip((first, second), jobs, strict=True))
    assert first["executable"].startswith(first["prefix"])


def test_a_job_that_installs_packages_runs_by_itself(world: World, python: Path) -> None:
    warm = step_function(world, python)
    assert world.run(warm).status == "Completed", world.log(warm)
    name = "extra-1.0-py3-none-any.whl"
    world.put(f"s3://bucket/bootstrap/{name}", wheel("extra", "1.0", ""))
    install = f"pip install -q --no-index /opt/ml/input/data/{CHANNEL}/{name}"
    cold = step_function(world, python, before=install)
    assert world.run(cold).status == "Completed", world.log(cold)
    assert told(world, warm)["importer"] != told(world, cold)["importer"]


@pytest.mark.parametrize(("way", "code"), [("exit", 3), ("raise", 1), ("crash", 139)])
def test_the_end_is_the_functions_own(world: World, python: Path, way: str, code: int) -> None:
    job = step_function(world, python, way)
    outcome = world.run(job)
    assert outcome.status == "Failed"
    assert str(outcome.failure_reason).endswith(f"exit code: {code}")
    assert ("ValueError: out of luck" in world.log(job)) == (way == "raise")


def test_a_job_that_is_stopped_leaves_nothing_running(world: World, python: Path) -> None:
    job = step_function(world, python, "wait")
    world.runner.launch(job)
    work = world.state / "jobs/111111111111/eu-west-1/training-job" / job.name / "work"
    up = work / "algo-1/ml/output/data/up"
    wait_for(lambda: up.exists() and up.read_text(), "the function did not start")
    worker = int(up.read_text())
    group = os.getpgid(worker)
    assert group != os.getpgid(0)
    world.runner.stop(job.arn)
    assert world.reports.wait(job.arn).status == "Stopped"
    wait_for(lambda: not alive(group), "the function's group goes on")


def test_without_warm_processes_it_runs_as_well(
    world: World, python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.runner, "_warm", Off())
    job = step_function(world, python)
    assert world.run(job).status == "Completed", world.log(job)
    assert told(world, job)["job"] == job.name


def test_a_job_without_a_mount_namespace_runs_by_itself(build: Build, python: Path) -> None:
    world = build(force="path")
    jobs = [step_function(world, python) for _ in range(2)]
    for job in jobs:
        assert world.run(job).status == "Completed", world.log(job)
    assert told(world, jobs[0])["importer"] != told(world, jobs[1])["importer"]


class Off:
    """No warm processes."""

    def address(self, python: Path, env: object) -> str:
        return "nobody-listens"

    def close(self) -> None:
        pass


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Any, failure: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure
        time.sleep(0.02)

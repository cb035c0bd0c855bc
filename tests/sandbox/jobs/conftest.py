"""A job runner over fakes, and jobs to give it."""

from __future__ import annotations

import io
import itertools
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.jobs.model import Job, Kind, Outcome
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.runners.jobs import ProcessJobRunner, RunnerParts
from ropeway.sandbox.runners.process import ProcessHost
from ropeway.sandbox.runners.runtimefile import RuntimeFile
from ropeway.values.clock import SystemClock
from ropeway.values.ids import RandomIds
from tests.fakes.jobs import FolderObjects, MemorySessions, RecordedPeers, RecordedReports

ROLE = "arn:aws:iam::111111111111:role/Worker"
PYTHON = "python:3.11"
XGBOOST = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
OLD_XGBOOST = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.0-1-cpu-py3"
SKLEARN = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


@dataclass
class World:
    """A runner and what stands around it."""

    state: Path
    objects: FolderObjects
    reports: RecordedReports
    peers: RecordedPeers
    sessions: Sessions
    processes: ProcessHost
    runner: ProcessJobRunner
    names: Iterator[int]

    def put(self, uri: str, content: str | bytes) -> str:
        """Store an object; its address."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        data = content if isinstance(content, bytes) else content.encode()
        self.objects.put_bytes("111111111111", bucket, key, data)
        return uri

    def job(self, kind: Kind, request: dict[str, Any], name: str = "") -> Job:
        """A job as the domain would hand it over."""
        return Job(
            kind=kind,
            account="111111111111",
            region="eu-west-1",
            name=name or f"job-{next(self.names)}",
            request={"RoleArn": ROLE, **request},
            status="InProgress",
            created=time.time(),
            modified=time.time(),
        )

    def processing(self, *command: str, name: str = "", image: str = PYTHON, **extra: Any) -> Job:
        """A processing job with a command."""
        request = {"AppSpecification": {"ImageUri": image, "ContainerEntrypoint": list(command)}, **extra}
        return self.job(Kind.PROCESSING, request, name)

    def training(self, image: str, parameters: dict[str, str] | None = None, **extra: Any) -> Job:
        """A training job of an image."""
        request: dict[str, Any] = {
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "HyperParameters": parameters or {},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        }
        return self.job(Kind.TRAINING, {**request, **extra})

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        self.runner.launch(job)
        return self.reports.wait(job.arn)

    def log(self, job: Job) -> str:
        """What a job's processes wrote."""
        path = self.state / "jobs" / job.account / job.region / job.kind.value / job.name / "output.log"
        return path.read_text(encoding="utf-8")


Build = Callable[..., World]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """`build(grace=0.2)`, `build(force="path")`, `build(slots=1)`: a world over one state folder."""
    worlds: list[World] = []
    names = itertools.count(1)

    def make(*, force: str = "", grace: float = 5.0, slots: int | None = None) -> World:
        state = tmp_path / "state"
        state.mkdir(exist_ok=True)
        (tmp_path / "objects" / "bucket").mkdir(parents=True, exist_ok=True)
        objects = FolderObjects(tmp_path / "objects")
        reports, peers = RecordedReports(), RecordedPeers()
        clock = SystemClock()
        sessions = Sessions(MemorySessions(), clock, RandomIds())
        processes = ProcessHost(state, force=force)
        parts = RunnerParts(
            state=state,
            endpoint="http://127.0.0.1:4566",
            objects=objects,
            peers=peers,
            processes=processes,
            runtimes=RuntimeFile(tmp_path / "runtimes.toml"),
            sessions=sessions,
            clock=clock,
        )
        runner = ProcessJobRunner(parts, reports, grace=grace, slots=slots)
        world = World(state, objects, reports, peers, sessions, processes, runner, names)
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        world.runner.close()
        world.processes.close()
    shutil.rmtree(tmp_path / "state", ignore_errors=True)


@pytest.fixture
def world(build: Build) -> World:
    """A world with the machine's best isolation."""
    return build()


def s3_input(name: str, uri: str, path: str, **extra: str) -> dict[str, Any]:
    """One input of a processing job."""
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            **extra,
        },
    }


def s3_output(name: str, uri: str, path: str, mode: str = "EndOfJob") -> dict[str, Any]:
    """One output of a processing job."""
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": mode}}


def s3_channel(name: str, uri: str, content_type: str = "text/csv") -> dict[str, Any]:
    """One channel of a training job."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": content_type, "DataSource": {"S3DataSource": source}}


def wheel(name: str, version: str, source: str) -> bytes:
    """A wheel with one module: what pip installs without a network."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return content.getvalue()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Poll until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)

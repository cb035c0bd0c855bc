"""The mammography use case on a live sandbox: files are delivered, pipelines deployed, started and waited for."""

from __future__ import annotations

import json
import runpy
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ropeway.aws import session as sessions
from ropeway.aws.pipelines import ExecutionsClient, PipelinesClient
from ropeway.aws.storage import FunctionsClient, StorageClient
from ropeway.sandbox.server import Server
from ropeway.usecases.executions import follow, start
from ropeway.usecases.source import load
from ropeway.usecases.upsert import upsert
from ropeway.values.s3uri import S3Uri

CASE = Path(__file__).parents[2] / "examples" / "mammography"
GROUP = "mammography-severity"
DATA = f"{GROUP}/data"


@dataclass(frozen=True)
class Ended:
    """An execution that has ended: its steps as ListPipelineExecutionSteps has them."""

    arn: str
    status: str
    steps: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def states(self) -> dict[str, str]:
        return {name: step["StepStatus"] for name, step in self.steps.items()}

    def reason(self, step: str) -> str:
        return str(self.steps[step].get("FailureReason", ""))


@dataclass
class Clinic:
    """The use case in one account; its pipelines may register in another one."""

    server: Server
    folder: Path
    bucket: str
    account: str = "111111111111"
    given: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = sessions.on_sandbox(self.server.endpoint, self.account, "eu-west-1")
        self.sagemaker: Any = self.session.boto.client("sagemaker", endpoint_url=self.server.endpoint)
        self.storage = StorageClient.of(self.session)
        self.data = runpy.run_path(str(CASE / "data.py"))
        if not self.storage.has_bucket(self.bucket):
            self.storage.create_bucket(self.bucket)

    def put(self, path: str, key: str) -> None:
        self.storage.put(self.bucket, f"{DATA}/{key}", (self.folder / path).read_bytes())

    def day(self, number: int, kind: str) -> None:
        """Deliver the batch of a day."""
        self.data["write_day"](self.folder, number, kind)
        self.put("batch/mammo-batch.csv", "batch/mammo-batch.csv")

    def deploy(self, module: str, **given: Any) -> str:
        arguments = {"region": "eu-west-1", "role": self.session.role, "default_bucket": self.bucket}
        source = load(str(CASE / module), {**arguments, **self.given, **given})
        pipelines, functions = PipelinesClient.of(self.session), FunctionsClient.of(self.session)
        upsert(
            source,
            pipelines,
            self.storage,
            functions,
            role=str(self.session.role),
            default_bucket=self.bucket,
        )
        return source.name

    def run(
        self, pipeline: str, only: Sequence[str] = (), of: Ended | None = None, **parameters: str
    ) -> Ended:
        """Start a pipeline, or only some steps on what an earlier execution made, and wait for its end."""
        executions = ExecutionsClient.of(self.session)
        if of is None:
            arn = start(executions, pipeline, parameters)
        else:
            chosen = {
                "SourcePipelineExecutionArn": of.arn,
                "SelectedSteps": [{"StepName": name} for name in only],
            }
            arn = self.sagemaker.start_pipeline_execution(
                PipelineName=pipeline,
                SelectiveExecutionConfig=chosen,
                PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
            )["PipelineExecutionArn"]
        *_, last = follow(executions, arn, time.sleep)
        steps = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        named = {step["StepName"]: step for step in steps["PipelineExecutionSteps"]}
        return Ended(arn, last.status, named)

    def newest(self, group: str = GROUP) -> Any:
        page = self.sagemaker.list_model_packages(
            ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
        )
        arn = page["ModelPackageSummaryList"][0]["ModelPackageArn"]
        return self.sagemaker.describe_model_package(ModelPackageName=arn)

    def decide(self, package: Mapping[str, Any], status: str = "Approved") -> None:
        self.sagemaker.update_model_package(
            ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus=status
        )

    def read(self, uri: str) -> Any:
        address = S3Uri.parse(uri)
        return json.loads(self.storage.get(address.bucket, address.key))

    def violations(self, ended: Ended) -> list[dict[str, str]]:
        """What the check found; nothing when there is no report."""
        report = ended.steps["Mammo-DataQuality"]["Metadata"]["QualityCheck"].get("ViolationReport")
        found: list[dict[str, str]] = self.read(report)["violations"] if report else []
        return found


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a test module."""
    server = Server(tmp_path_factory.mktemp("sandbox"), port=0)
    server.start()
    yield server
    server.stop()

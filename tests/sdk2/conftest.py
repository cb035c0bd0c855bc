"""What the scripts share: one session of the SDK, one role. Nothing here knows what answers at the endpoint."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sagemaker
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession

logging.getLogger("botocore").setLevel(logging.WARNING)


class Ran:
    """A pipeline's execution that has ended, whatever its end."""

    def __init__(self, pipeline: Any, execution: Any) -> None:
        self.pipeline = pipeline
        self.execution = execution
        self.steps = {step["StepName"]: step for step in execution.list_steps()}

    @property
    def statuses(self) -> dict[str, str]:
        return {name: step["StepStatus"] for name, step in self.steps.items()}

    @property
    def reasons(self) -> dict[str, str]:
        return {name: step["FailureReason"] for name, step in self.steps.items() if "FailureReason" in step}

    @property
    def status(self) -> str:
        return str(self.execution.describe()["PipelineExecutionStatus"])

    def job(self, session: Any, step: str) -> dict[str, Any]:
        """The Describe response of a step's job."""
        kind, told = next(iter(self.steps[step]["Metadata"].items()))
        name = told["Arn"].rpartition("/")[2]
        describe = {
            "TrainingJob": session.describe_training_job,
            "ProcessingJob": session.describe_processing_job,
            "TransformJob": session.describe_transform_job,
        }[kind]
        found: dict[str, Any] = describe(name)
        return found


@pytest.fixture(scope="session")
def session() -> Any:
    """Runs jobs at once."""
    return sagemaker.Session()


@pytest.fixture(scope="session")
def pipelines() -> Any:
    """Collects steps."""
    return PipelineSession()


@pytest.fixture(scope="session")
def role() -> str:
    return str(sagemaker.get_execution_role())


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts that run in jobs; a copy, as the SDK writes files of its own beside them."""
    copy = tmp_path_factory.mktemp("user") / "code"
    shutil.copytree(Path(__file__).parent / "code", copy)
    return copy


@pytest.fixture
def run(pipelines: Any, role: str) -> Callable[..., Ran]:
    """`run(name, steps, parameters, **start)`: upsert a pipeline, start it, wait for its end."""

    def ended(name: str, steps: Any, declared: Any = (), **start: Any) -> Ran:
        pipeline = Pipeline(name, parameters=list(declared), steps=steps, sagemaker_session=pipelines)
        pipeline.upsert(role_arn=role)
        execution = pipeline.start(**start)
        try:
            execution.wait()
        except Exception as error:
            if "Waiter" not in type(error).__name__:
                raise
        return Ran(pipeline, execution)

    return ended


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("CI: a skipped test is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def read(session: Any, uri: str) -> str:
    """An object's text."""
    return str(sagemaker.s3.S3Downloader.read_file(uri, sagemaker_session=session))

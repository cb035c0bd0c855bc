"""What the scripts share: one session of the SDK, one role. Nothing here knows what answers at the endpoint."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.pipeline import Pipeline

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
    def status(self) -> str:
        return str(self.execution.describe()["PipelineExecutionStatus"])

    def metadata(self, step: str) -> dict[str, Any]:
        """What the one member of a step's Metadata says."""
        found: dict[str, Any] = next(iter(self.steps[step]["Metadata"].values()))
        return found


@pytest.fixture(scope="session")
def session() -> Any:
    """Runs jobs at once."""
    return Session()


@pytest.fixture(scope="session")
def pipelines() -> Any:
    """Collects steps."""
    return PipelineSession()


@pytest.fixture(scope="session")
def role(session: Any) -> str:
    return str(get_execution_role(session))


@pytest.fixture(scope="session")
def code() -> Path:
    """The scripts that run in jobs."""
    return Path(__file__).parent / "code"


@pytest.fixture
def run(pipelines: Any, role: str) -> Callable[..., Ran]:
    """`run(name, steps, parameters, **start)`: upsert a pipeline, start it, wait for its end."""

    def ended(name: str, steps: Any, declared: Any = (), **start: Any) -> Ran:
        pipeline = Pipeline(name=name, parameters=list(declared), steps=steps, sagemaker_session=pipelines)
        pipeline.upsert(role_arn=role)
        execution = pipeline.start(**start)
        try:
            execution.wait()  # polls twice a minute; the answer is held until the end
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

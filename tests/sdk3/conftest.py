"""What the scripts share: one session of the SDK, one role. Nothing here knows what answers at the endpoint."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
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


@pytest.fixture(scope="session")
def judge(session: Any, role: str, code: Path) -> Callable[..., LambdaStep]:
    """`judge(name, number, **options)`: a step that calls a function which is there before its pipelines are."""
    created = Lambda(
        function_name="judge-items",
        execution_role_arn=role,
        script=str(code / "judge.py"),
        handler="judge.handler",
        session=session,
        runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
    ).create()
    function = Lambda(function_arn=created["FunctionArn"], session=session)
    types = {
        "even": LambdaOutputTypeEnum.Boolean,
        "number": LambdaOutputTypeEnum.Integer,
        "text": LambdaOutputTypeEnum.String,
    }

    def step(name: str, number: Any, **options: Any) -> LambdaStep:
        outputs = [LambdaOutput(output_name=output, output_type=kind) for output, kind in types.items()]
        return LambdaStep(
            name=name, lambda_func=function, inputs={"number": number}, outputs=outputs, **options
        )

    return step


@pytest.fixture
def run(pipelines: Any, role: str) -> Callable[..., Ran]:
    """`run(name, steps, parameters, **start)`: upsert a pipeline, start it, wait for its end.

    The SDK knows the ends Succeeded and Failed only: `looks=1` for others.
    """

    def ended(name: str, steps: Any, declared: Any = (), *, looks: int = 60, **start: Any) -> Ran:
        pipeline = Pipeline(name=name, parameters=list(declared), steps=steps, sagemaker_session=pipelines)
        pipeline.upsert(role_arn=role)
        execution = pipeline.start(**start)
        try:
            # Looks twice a minute at most; the answer is held until the end.
            execution.wait(delay=30 if looks > 1 else 0, max_attempts=looks)
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

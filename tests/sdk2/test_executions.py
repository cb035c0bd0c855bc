"""Executions as the SDK handles them: life cycle, caching, retries, selective execution, stop, versions."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from sagemaker.processing import ProcessingOutput, Processor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionEquals
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.parallelism_config import ParallelismConfiguration
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.workflow.steps import CacheConfig, ProcessingStep


@pytest.fixture
def shell(pipelines: Any, role: str) -> Any:
    """`shell(name, program)`: a step with one output."""

    def step(name: str, program: str, *words: Any, **options: Any) -> Any:
        processor = Processor(
            role=role,
            image_uri="python:3.11",
            entrypoint=["/bin/sh", "-c", program, "sh"],
            instance_type="ml.m5.large",
            instance_count=1,
            sagemaker_session=pipelines,
        )
        output = ProcessingOutput(output_name="out", source="/opt/ml/processing/out")
        return ProcessingStep(
            name, step_args=processor.run(arguments=list(words) or None, outputs=[output]), **options
        )

    return step


def test_a_pipeline_is_created_updated_listed_and_deleted(pipelines: Any, role: str, shell: Any) -> None:
    pipeline = Pipeline("life", steps=[shell("One", "true")], sagemaker_session=pipelines)
    tags = [{"Key": "team", "Value": "own"}]
    created = pipeline.upsert(role_arn=role, description="first", tags=tags)
    assert (
        pipeline.upsert(role_arn=role, description="second", tags=tags)["PipelineArn"]
        == created["PipelineArn"]
    )
    pipeline.update(role_arn=role, description="third")
    described = pipeline.describe()
    assert described["PipelineDescription"] == "third"
    assert json.loads(described["PipelineDefinition"])["Steps"][0]["Name"] == "One"
    with pytest.raises(Exception, match="already exists"):
        pipeline.create(role_arn=role)
    ran = pipeline.start(execution_display_name="shown")
    ran.wait(delay=1)
    executions = pipeline.list_executions()["PipelineExecutionSummaries"]
    assert [entry["PipelineExecutionDisplayName"] for entry in executions] == ["shown"]
    versions = pipeline.list_pipeline_versions()["PipelineVersionSummaries"]
    assert len(versions) == 3
    pipeline.delete()
    with pytest.raises(Exception, match="ResourceNotFound"):
        pipeline.describe()


def test_a_definition_tells_parallelism_and_retries(run: Any, shell: Any, role: str) -> None:
    policies = [
        StepRetryPolicy([StepExceptionTypeEnum.SERVICE_FAULT], interval_seconds=1, max_attempts=2),
        SageMakerJobStepRetryPolicy([SageMakerJobExceptionTypeEnum.CAPACITY_ERROR], max_attempts=2),
    ]
    steps = [shell(f"Step{i}", "true", retry_policies=policies) for i in range(3)]
    ran = run("parallel", steps, parallelism_config=ParallelismConfiguration(1))
    assert ran.status == "Succeeded", ran.reasons
    times = sorted((step["StartTime"], step["EndTime"]) for step in ran.steps.values())
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(times))
    assert all(step["AttemptCount"] == 1 for step in ran.steps.values())


def test_cached_steps_are_not_run_again(run: Any, shell: Any) -> None:
    word = ParameterString("Word", "a")
    cache = CacheConfig(enable_caching=True, expire_after="PT1H")
    steps = [shell("Cached", "date +%s%N > /opt/ml/processing/out/time", word, cache_config=cache)]
    first = run("cached", steps, [word])
    again = run("cached", steps, [word])
    other = run("cached", steps, [word], parameters={"Word": "b"})
    hit = again.steps["Cached"]["CacheHitResult"]["SourcePipelineExecutionArn"]
    assert hit == first.execution.arn
    assert again.steps["Cached"]["Metadata"] == first.steps["Cached"]["Metadata"]
    assert "CacheHitResult" not in other.steps["Cached"]


def test_an_execution_is_stopped_and_a_failed_one_goes_on_where_it_failed(
    pipelines: Any, role: str, shell: Any, session: Any
) -> None:
    pipeline = Pipeline("stops", steps=[shell("Long", "sleep 600")], sagemaker_session=pipelines)
    pipeline.upsert(role_arn=role)
    execution = pipeline.start()
    execution.stop()
    with pytest.raises(Exception, match="Max attempts"):
        execution.wait(delay=1, max_attempts=3)
    assert execution.describe()["PipelineExecutionStatus"] == "Stopped"
    with pytest.raises(Exception, match="ValidationException"):
        execution.stop()


def test_a_definition_of_more_than_100_kib_goes_through_s3(run: Any, shell: Any) -> None:
    word = ParameterString("Word", default_value="never")
    fails = [FailStep(f"Fail{i}", error_message="x" * 3000) for i in range(40)]
    choose = ConditionStep("Choose", conditions=[ConditionEquals(word, "taken")], if_steps=fails)
    ran = run("large", [choose], [word])
    assert ran.statuses == {"Choose": "Succeeded"}, ran.reasons
    assert len(ran.pipeline.describe()["PipelineDefinition"]) > 100_000

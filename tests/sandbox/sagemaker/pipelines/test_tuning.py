"""Tuning steps: the best models by rank, cached results, failures, stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.sagemaker.pipelines.conftest import Lab, get, join
from tests.sandbox.sagemaker.tunings import BUCKET, REFUSING, SCORE, WAITING, Bench, configuration, definition

Client = Callable[..., Any]


@pytest.fixture
def bench(client: Client) -> Bench:
    return Bench.over(client("sagemaker"), client("s3"))


def tune(bench: Bench, script: str = SCORE, *, config: Any = None, **members: Any) -> dict[str, Any]:
    """A tuning step of a script."""
    chosen = definition(bench.code(script))
    del chosen["RoleArn"]  # the pipeline's is taken
    arguments = {
        "HyperParameterTuningJobConfig": configuration(**(config or {})),
        "TrainingJobDefinition": chosen,
    }
    return {"Name": "tune", "Type": "Tuning", "Arguments": arguments, **members}


def top_model(rank: int) -> dict[str, Any]:
    """The address of a model by rank, as get_top_model_s3_uri of the SDK has it."""
    name = get(f"Steps.tune.TrainingJobSummaries[{rank}].TrainingJobName")
    return join("s3:/", BUCKET, "tuned", name, "output/model.tar.gz", on="/")


def register(name: str, rank: int) -> dict[str, Any]:
    container = {
        "Image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serve:1",
        "ModelDataUrl": top_model(rank),
    }
    specification = {
        "Containers": [container],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    arguments = {"ModelPackageGroupName": "tuned", "InferenceSpecification": specification}
    return {"Name": name, "Type": "RegisterModel", "Arguments": arguments}


def test_the_best_models_of_a_tuning_step_are_registered(lab: Lab, bench: Bench) -> None:
    best = {
        "Name": "create",
        "Type": "Model",
        "Arguments": {
            "PrimaryContainer": {
                "Image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serve:1",
                "ModelDataUrl": join(
                    "s3:/",
                    BUCKET,
                    "tuned",
                    get("Steps.tune.BestTrainingJob.TrainingJobName"),
                    "output/model.tar.gz",
                    on="/",
                ),
            }
        },
    }
    arn = lab.start(lab.create(tune(bench), register("first", 0), register("second", 1), best))
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Succeeded", lab.steps(arn)
    steps = lab.steps(arn)
    tuning = steps["tune"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    ranked = bench.trainings(tuning, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    for rank, name in enumerate(("first", "second")):
        package = bench.sagemaker.describe_model_package(
            ModelPackageName=steps[name]["Metadata"]["RegisterModel"]["Arn"]
        )
        url = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
        assert url == f"s3://{BUCKET}/tuned/{ranked[rank]['TrainingJobName']}/output/model.tar.gz"
        bench.s3.head_object(Bucket=BUCKET, Key=url.removeprefix(f"s3://{BUCKET}/"))
    tags = bench.sagemaker.list_tags(ResourceArn=ranked[0]["TrainingJobArn"])["Tags"]
    assert {"Key": "sagemaker:pipeline-step-name", "Value": "tune"} in tags
    assert len(tuning) <= 32


def test_a_tuning_step_takes_over_the_result_of_the_same_search(lab: Lab, bench: Bench) -> None:
    cache = {"Enabled": True, "ExpireAfter": "30d"}
    name = lab.create(tune(bench, config={"jobs": 1}, CacheConfig=cache), register("first", 0))
    first = lab.start(name)
    assert lab.ended(first)["PipelineExecutionStatus"] == "Succeeded"
    second = lab.start(name)
    assert lab.ended(second)["PipelineExecutionStatus"] == "Succeeded"
    assert lab.steps(second)["tune"]["CacheHitResult"]["SourcePipelineExecutionArn"] == first


def test_a_tuning_job_that_fails_fails_its_step(lab: Lab, bench: Bench) -> None:
    arn = lab.start(lab.create(tune(bench, REFUSING, config={"jobs": 1})))
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    assert lab.steps(arn)["tune"]["FailureReason"].startswith("ClientError: All training jobs failed.")


def test_a_request_that_is_refused_fails_its_step(lab: Lab, bench: Bench) -> None:
    arn = lab.start(lab.create(tune(bench, config={"Strategy": "Grid"})))
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    assert "categorical" in lab.steps(arn)["tune"]["FailureReason"]


def test_a_tuning_step_needs_a_definition(lab: Lab, bench: Bench) -> None:
    step = tune(bench)
    del step["Arguments"]["TrainingJobDefinition"]
    with pytest.raises(Exception, match="Tuning steps need a TrainingJobDefinition"):
        lab.create(step)


def test_stopping_an_execution_stops_its_tuning_job(lab: Lab, bench: Bench) -> None:
    arn = lab.start(lab.create(tune(bench, WAITING, config={"jobs": 2})))
    tuning = lab.steps(arn)["tune"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    assert bench.describe(tuning)["HyperParameterTuningJobStatus"] == "Stopped"

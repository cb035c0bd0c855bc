"""Cleanup steps: what earlier steps left in S3 is really gone, and nothing else is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import IMAGE, ROLE, Lab, fail, get, join, process

OUT = "/opt/ml/processing/out"


@dataclass(frozen=True)
class Bucket:
    s3: Any
    name: str

    @property
    def keys(self) -> set[str]:
        return {entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])}


@pytest.fixture
def bucket(client: Callable[..., Any]) -> Bucket:
    made = Bucket(client("s3"), f"cleanup-{uuid.uuid4().hex[:10]}")
    made.s3.create_bucket(Bucket=made.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    made.s3.put_object(Bucket=made.name, Key="kept", Body=b"kept")
    return made


def writer(bucket: Bucket, name: str = "Write", **members: Any) -> Any:
    output = {
        "OutputName": "out",
        "S3Output": {"S3Uri": f"s3://{bucket.name}/out", "LocalPath": OUT, "S3UploadMode": "EndOfJob"},
    }
    arguments = {"ProcessingOutputConfig": {"Outputs": [output]}, **members.pop("arguments", {})}
    script = f"[open('{OUT}/' + name, 'w').write('x') for name in 'ab']"
    return process(name, script, arguments=arguments, **members)


def trainer(bucket: Bucket, script: str = "pass") -> Any:
    write = "open('/opt/ml/model/m', 'w').write('x'); open('/opt/ml/output/data/d', 'w').write('x')"
    return {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", "-c", f"{write}; {script}"],
            },
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket.name}/models"},
            "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "RoleArn": ROLE,
        },
    }


def cleanup(*sources: Any, **members: Any) -> Any:
    return {"Name": "Clean", "Type": "Cleanup", "Arguments": {"Resources": {"S3": list(sources)}}, **members}


def test_what_a_training_job_left_is_gone(lab: Lab, bucket: Bucket) -> None:
    bucket.s3.put_object(Bucket=bucket.name, Key="models/other/output/model.tar.gz", Body=b"x")
    execution = lab.run(trainer(bucket), cleanup({"StepName": "Train"}, DependsOn=["Train"]))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    step = lab.steps(execution["PipelineExecutionArn"])["Clean"]
    assert step["Metadata"] == {"Cleanup": {"CleanedSteps": ["Train"]}}
    assert bucket.keys == {"kept", "models/other/output/model.tar.gz"}


def test_the_named_objects_of_a_processing_job_are_gone(lab: Lab, bucket: Bucket) -> None:
    address = get("Steps.Write.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri")
    source = {"StepName": "Write", "S3Uris": [join(address, "a", on="/")]}
    execution = lab.run(writer(bucket), cleanup(source))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert bucket.keys == {"kept", "out/b"}


@pytest.mark.parametrize(
    "uri", ["s3://{}/kept", "s3://{}/out", "s3://{}/out/", "s3://other-bucket/out/a", "a"]
)
def test_what_is_no_output_s_object_is_not_deleted(lab: Lab, bucket: Bucket, uri: str) -> None:
    told = uri.format(bucket.name)
    execution = lab.run(
        writer(bucket),
        trainer(bucket),
        cleanup(
            {"StepName": "Train"},
            {"StepName": "Write", "S3Uris": [told, f"s3://{bucket.name}/out/a"]},
            DependsOn=["Train", "Write"],
        ),
    )
    assert execution["PipelineExecutionStatus"] == "Failed"
    step = lab.steps(execution["PipelineExecutionArn"])["Clean"]
    failure = step["Metadata"]["Cleanup"]["FailedSteps"][0]
    assert (failure["StepName"], failure["ErrorCode"]) == ("Write", "ClientError")
    assert told in step["FailureReason"]
    assert step["Metadata"]["Cleanup"]["CleanedSteps"] == ["Train"]
    assert bucket.keys == {"kept", "out/a", "out/b"}


def test_a_result_of_the_cache_is_left_alone(lab: Lab, bucket: Bucket) -> None:
    source = {"StepName": "Write", "S3Uris": [f"s3://{bucket.name}/out/a"]}
    name = lab.create(
        writer(bucket, CacheConfig={"Enabled": True}),
        cleanup(source, DependsOn=["Write"]),
    )
    for expected in ({"CleanedSteps": ["Write"]}, {"SkippedSteps": ["Write"]}):
        execution = lab.ended(lab.start(name))
        steps = lab.steps(execution["PipelineExecutionArn"])
        assert steps["Clean"]["Metadata"]["Cleanup"] == expected


def test_a_failed_training_job_can_be_cleaned_up(lab: Lab, bucket: Bucket) -> None:
    after = cleanup({"StepName": "Train"}, DependsOn=[{"Step": "Train", "Trigger": "Any"}])
    execution = lab.run(trainer(bucket, "raise SystemExit(1)"), after)
    assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["Train"]["StepStatus"] == "Failed"
    assert steps["Clean"]["Metadata"] == {"Cleanup": {"CleanedSteps": ["Train"]}}


def test_an_iteration_cleans_up_after_itself(lab: Lab, bucket: Bucket) -> None:
    folder = join(f"s3://{bucket.name}", get("ForEach.CurrentItem"), on="/")
    made = writer(bucket)
    made["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = folder
    source = {"StepName": "Write", "S3Uris": [join(folder, "a", on="/")]}
    loop = {
        "Name": "Each",
        "Type": "ForEach",
        "Arguments": {
            "IterableItems": ["x", "y"],
            "MaxConcurrency": 2,
            "ForEachBody": [made, cleanup(source, DependsOn=["Write"])],
        },
    }
    execution = lab.run(loop)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert bucket.keys == {"kept", "x/b", "y/b"}
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["Clean-1"]["Metadata"] == {"Cleanup": {"CleanedSteps": ["Write"]}}


NO_BUCKET = Bucket(None, "b")
NAMED = {"StepName": "Write", "S3Uris": ["s3://b/out/a"]}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([cleanup()], "step Clean: .*Resources.S3"),
        ([{"Name": "Clean", "Type": "Cleanup", "Arguments": {"Resources": 1}}], "step Clean: .*Resources.S3"),
        ([cleanup({"S3Uris": []})], "step Clean: .*StepName"),
        ([cleanup({"StepName": "Write", "S3Uris": []})], "step Clean: .*S3Uris"),
        ([cleanup({"StepName": "Write"})], "step Clean: .*'Write'"),
        ([writer(NO_BUCKET), cleanup(NAMED)], "step Clean: .*depend"),
        ([writer(NO_BUCKET), cleanup({"StepName": "Write"}, DependsOn=["Write"])], "step Clean: .*S3Uris"),
        ([fail("F"), cleanup({"StepName": "F"}, DependsOn=["F"])], "step Clean: .*type Fail"),
        (
            [
                writer(NO_BUCKET, arguments={"NetworkConfig": {"VpcConfig": {"Subnets": ["s"]}}}),
                cleanup(NAMED, DependsOn=["Write"]),
            ],
            "step Clean: .*VpcConfig",
        ),
    ],
)
def test_a_wrong_cleanup_is_refused_at_creation(lab: Lab, steps: Any, words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        lab.create(*steps)
    assert caught.value.response["Error"]["Code"] == "ValidationException"

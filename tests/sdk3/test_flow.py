"""What is left behind: cleaned up by a step, kept as a version of the pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker.core import image_uris
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
from sagemaker.mlops.workflow.cleanup_step import CleanupStep, S3CleanupSource
from sagemaker.mlops.workflow.steps import ProcessingStep


def test_what_a_step_left_is_cleaned_up(
    run: Any, session: Any, pipelines: Any, role: str, code: Path
) -> None:
    bucket = session.default_bucket()
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
        command=["python3"],
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=pipelines,
    )
    outputs = [
        ProcessingOutput(
            output_name=name,
            s3_output=ProcessingS3Output(
                s3_uri=f"s3://{bucket}/leftovers/{name}",
                local_path=f"/opt/ml/processing/{name}",
                s3_upload_mode="EndOfJob",
            ),
        )
        for name in ("train", "report")
    ]
    arguments = processor.run(code=str(code / "prepare.py"), outputs=outputs)
    prepare = ProcessingStep("Prepare", step_args=arguments)
    source = S3CleanupSource(prepare, s3_uris=[f"s3://{bucket}/leftovers/train/train.csv"])
    ran = run("cleaned", [prepare, CleanupStep(name="Clean", s3_sources=[source])])
    assert ran.statuses == {"Prepare": "Succeeded", "Clean": "Succeeded"}, ran.steps
    assert session.list_s3_files(bucket, "leftovers/") == ["leftovers/report/report.json"]


def test_each_upsert_is_a_version_that_can_be_started(run: Any, session: Any, judge: Any) -> None:
    old = run("versions", [judge("Old", 1)])
    new = run("versions", [judge("New", 2)])
    assert (list(old.statuses), list(new.statuses)) == (["Old"], ["New"])
    versions = session.sagemaker_client.list_pipeline_versions(PipelineName="versions")
    first = min(entry["PipelineVersionId"] for entry in versions["PipelineVersionSummaries"])
    again = new.pipeline.start(pipeline_version_id=first)
    again.wait()
    assert [step["StepName"] for step in again.list_steps()] == ["Old"]

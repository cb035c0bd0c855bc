"""The inference pipeline: a batch in, probabilities out, by the newest approved version."""

from __future__ import annotations

from pathlib import Path

from ropeway.pipelines import (
    Execution,
    Join,
    LambdaFunction,
    LambdaStep,
    ModelStep,
    ParameterString,
    Pipeline,
    TransformStep,
)

SCRIPTS = Path(__file__).parent / "scripts"


def get_pipeline(
    region: str,
    role: str,
    default_bucket: str,
    lambda_role: str | None = None,
    model_name: str = "mammography-severity",
    model_package_group_name: str = "mammography-severity",
    pipeline_name: str = "mammography-inference",
    batch_dataset_filename: str = "mammo-batch",
) -> Pipeline:
    """The pipeline, for a region, roles and the bucket that its data and outputs are in."""
    batch = f"s3://{default_bucket}/{model_name}/data/batch/{batch_dataset_filename}.csv"
    data = ParameterString("InputDataUrl", default=batch)
    newest = LambdaStep(
        "Mammo-LatestApproved",
        function=LambdaFunction(
            f"{pipeline_name}-latest-approved", SCRIPTS / "latest_approved.py", role=lambda_role or role
        ),
        inputs={"region": region, "model_package_group_name": model_package_group_name},
        outputs={"model_package_arn": "String", "version": "Integer"},
    )
    model = ModelStep("Mammo-CreateModel", package=newest.output("model_package_arn"))
    predict = TransformStep(
        "Mammo-Transform",
        model=model.model,
        data=data,
        output=Join(
            "/", [f"s3://{default_bucket}/{model_name}/predictions", Execution.PIPELINE_EXECUTION_ID]
        ),
        join="Input",
    )
    return Pipeline(
        pipeline_name,
        steps=[newest, model, predict],
        parameters=[data],
        bucket=default_bucket,
        role=role,
        region=region,
        description="Predicts a batch by the newest approved mammography severity model",
    )

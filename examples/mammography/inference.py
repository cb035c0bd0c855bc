"""The inference pipeline: a batch in, probabilities out, by the newest approved version, if the batch is fit for it.

The batch is held against the baseline of that very version before anything is predicted: data that drifted or are
broken fail ``Mammo-DataQuality``, and nothing is predicted from them. What a run writes lies below its execution's id.
"""

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
    QualityCheckStep,
    TransformStep,
)

HERE = Path(__file__).parent
MONITOR = "468650794304.dkr.ecr.{region}.amazonaws.com/sagemaker-model-monitor-analyzer"


def get_pipeline(
    region: str,
    role: str,
    default_bucket: str,
    kms_key: str | None = None,
    lambda_role: str | None = None,
    model_name: str = "mammography-severity",
    model_package_group_name: str | None = None,
    pipeline_name: str = "mammography-inference",
    batch_dataset_filename: str = "mammo-batch",
    scripts: str | None = None,
) -> Pipeline:
    """The pipeline.

    Args:
        region, role: where it runs, and as whom.
        default_bucket: has the batch, and gets reports and predictions.
        kms_key: encrypts volumes and outputs; without it they are encrypted as the bucket does.
        lambda_role: of the function that looks the version up; the same role by default.
        model_package_group_name: the group's name, or the ARN of one in another account; the model's name by default.
        scripts: another folder of the use case's scripts.
    """
    batch = f"s3://{default_bucket}/{model_name}/data/batch/{batch_dataset_filename}.csv"
    data = ParameterString("InputDataUrl", default=batch)
    folder = Path(scripts) if scripts else HERE / "scripts"
    newest = LambdaStep(
        "Mammo-LatestApproved",
        function=LambdaFunction(
            f"{pipeline_name}-latest-approved", folder / "latest_approved.py", role=lambda_role or role
        ),
        inputs={"region": region, "model_package_group_name": model_package_group_name or model_name},
        outputs={
            "model_package_arn": "String",
            "version": "Integer",
            "s3_baseline_uri_statistics": "String",
            "s3_baseline_uri_constraints": "String",
        },
    )
    check = QualityCheckStep(
        "Mammo-DataQuality",
        image=MONITOR.format(region=region),
        data=data,
        statistics=newest.output("s3_baseline_uri_statistics"),
        constraints=newest.output("s3_baseline_uri_constraints"),
        policy=HERE / "scripts" / "drift-policy.yaml",
        kms_key=kms_key,
    )
    model = ModelStep("Mammo-CreateModel", package=newest.output("model_package_arn"), depends_on=[check])
    predict = TransformStep(
        "Mammo-Transform",
        model=model.model,
        data=data,
        output=Join(
            "/", [f"s3://{default_bucket}/{model_name}/predictions", Execution.PIPELINE_EXECUTION_ID]
        ),
        join="Input",
        kms_key=kms_key,
    )
    return Pipeline(
        pipeline_name,
        steps=[newest, check, model, predict],
        parameters=[data],
        bucket=default_bucket,
        role=role,
        region=region,
        description="Predicts a batch by the newest approved mammography severity model",
    )

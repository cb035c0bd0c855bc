"""The abalone pipeline: preprocess, train, evaluate, register when the error is small enough."""

from __future__ import annotations

from pathlib import Path

from ropeway.pipelines import (
    CacheConfig,
    Channel,
    ConditionLessThanOrEqualTo,
    ConditionStep,
    Input,
    Join,
    JsonGet,
    Output,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    ProcessingStep,
    PropertyFile,
    RegisterModelStep,
    TrainingStep,
)

SCRIPTS = Path(__file__).parent / "scripts"
REGISTRY = "141502667606.dkr.ecr.{region}.amazonaws.com"
SKLEARN = REGISTRY + "/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = REGISTRY + "/sagemaker-xgboost:1.7-1"
HYPERPARAMETERS = {
    "objective": "reg:squarederror",
    "num_round": "50",
    "max_depth": "5",
    "eta": "0.2",
    "gamma": "4",
    "min_child_weight": "6",
    "subsample": "0.7",
    "seed": "42",
}


def get_pipeline(
    region: str,
    role: str,
    default_bucket: str,
    model_package_group_name: str = "abalone",
    pipeline_name: str = "abalone",
    base_job_prefix: str = "abalone",
) -> Pipeline:
    """The pipeline, for a region, a role and the bucket that its data and outputs are in."""
    data = ParameterString("InputDataUrl", default=f"s3://{default_bucket}/{base_job_prefix}/data/")
    approval = ParameterString("ModelApprovalStatus", default="PendingManualApproval")
    count = ParameterInteger("ProcessingInstanceCount", default=1)
    limit = ParameterFloat("MseThreshold", default=6.0)
    sklearn, xgboost = SKLEARN.format(region=region), XGBOOST.format(region=region)
    cache = CacheConfig(enabled=True, expire_after="30d")

    preprocess = ProcessingStep(
        "PreprocessAbaloneData",
        image=sklearn,
        instance_count=count,
        code=SCRIPTS / "preprocess.py",
        inputs=[Input(data, "/opt/ml/processing/input")],
        outputs=[Output("train"), Output("validation"), Output("test"), Output("transformer")],
        cache=cache,
    )
    train = TrainingStep(
        "TrainAbaloneModel",
        image=xgboost,
        inputs={
            "train": Channel(preprocess.output("train"), content_type="text/csv"),
            "validation": Channel(preprocess.output("validation"), content_type="text/csv"),
        },
        hyperparameters=HYPERPARAMETERS,
        cache=cache,
    )
    report = PropertyFile("AbaloneEvaluationReport", output="evaluation", path="evaluation.json")
    evaluate = ProcessingStep(
        "EvaluateAbaloneModel",
        image=xgboost,
        code=SCRIPTS / "evaluate.py",
        inputs=[
            Input(train.model_data, "/opt/ml/processing/model"),
            Input(preprocess.output("test"), "/opt/ml/processing/test"),
        ],
        outputs=[Output("evaluation")],
        property_files=[report],
        cache=cache,
    )
    mse = JsonGet(evaluate, report, "regression_metrics.mse.value")
    register = RegisterModelStep(
        "RegisterAbaloneModel",
        group=model_package_group_name,
        approval=approval,
        image=xgboost,
        model_data=train.model_data,
        metrics=Join("/", [evaluate.output("evaluation"), "evaluation.json"]),
        metadata={"mse": mse},
    )
    gate = ConditionStep(
        "CheckMSEAbaloneEvaluation",
        conditions=[ConditionLessThanOrEqualTo(mse, limit)],
        if_steps=[register],
    )
    return Pipeline(
        pipeline_name,
        steps=[preprocess, train, evaluate, gate],
        parameters=[data, approval, count, limit],
        bucket=default_bucket,
        role=role,
        region=region,
        description="Trains and registers a model of an abalone's age",
    )

"""The train pipeline: raw deliveries in, a registered version out, if it is good enough.

``get_pipeline`` takes what existing CI files pass. Nothing is fitted on validation or test rows; the seed fixes
the split and the training, so the same data gives the same model, byte for byte.
"""

from __future__ import annotations

from pathlib import Path

from ropeway.pipelines import (
    Channel,
    ConditionGreaterThan,
    ConditionStep,
    FailStep,
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
    "objective": "binary:logistic",
    "eval_metric": "auc",
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
    model_name: str = "mammography-severity",
    model_package_group_name: str = "mammography-severity",
    pipeline_name: str = "mammography-train",
) -> Pipeline:
    """The pipeline, for a region, a role and the bucket that its data and outputs are in."""
    data = ParameterString("InputDataUrl", default=f"s3://{default_bucket}/{model_name}/data/train/")
    approval = ParameterString("ModelApprovalStatus", default="PendingManualApproval")
    threshold = ParameterFloat("AucScoreThreshold", default=0.75)
    instance = ParameterString("ProcessingInstanceType", default="ml.m5.xlarge")
    seed = ParameterInteger("Seed", default=42)
    sklearn, xgboost = SKLEARN.format(region=region), XGBOOST.format(region=region)

    preprocess = ProcessingStep(
        "Mammo-PreProcessing",
        image=sklearn,
        instance_type=instance,
        code=SCRIPTS / "preprocess.py",
        args=["--seed", seed],
        inputs=[Input(data, "/opt/ml/processing/input")],
        outputs=[Output("train"), Output("validation"), Output("test"), Output("imputer")],
    )
    train = TrainingStep(
        "Mammo-Train",
        image=xgboost,
        inputs={
            "train": Channel(preprocess.output("train"), content_type="text/csv"),
            "validation": Channel(preprocess.output("validation"), content_type="text/csv"),
        },
        hyperparameters=HYPERPARAMETERS,
    )
    package = ProcessingStep(
        "Mammo-Package",
        image=sklearn,
        instance_type=instance,
        code=SCRIPTS / "package.py",
        inputs=[
            Input(train.model_data, "/opt/ml/processing/model"),
            Input(preprocess.output("imputer"), "/opt/ml/processing/imputer"),
            Input(SCRIPTS / "inference.py", "/opt/ml/processing/code"),
        ],
        outputs=[Output("packaged")],
    )
    report = PropertyFile("EvaluationReport", output="evaluation", path="evaluation.json")
    evaluate = ProcessingStep(
        "Mammo-Eval",
        image=xgboost,
        instance_type=instance,
        code=SCRIPTS / "evaluate.py",
        inputs=[
            Input(package.output("packaged"), "/opt/ml/processing/model"),
            Input(preprocess.output("test"), "/opt/ml/processing/test"),
        ],
        outputs=[Output("evaluation")],
        property_files=[report],
    )
    lower = JsonGet(evaluate, report, "classification_metrics.auc.confidence_interval.lower")
    register = RegisterModelStep(
        "Mammo-RegisterModel",
        group=model_package_group_name,
        approval=approval,
        image=xgboost,
        model_data=Join("/", [package.output("packaged"), "model.tar.gz"]),
        environment={"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
        metrics=Join("/", [evaluate.output("evaluation"), "evaluation.json"]),
        metadata={
            "auc": JsonGet(evaluate, report, "classification_metrics.auc.value"),
            "auc_lower_95": lower,
            "auc_upper_95": JsonGet(evaluate, report, "classification_metrics.auc.confidence_interval.upper"),
        },
        summary="Probability that a mammographic mass is malignant",
    )
    refuse = FailStep(
        "Mammo-AUCFail",
        message=Join(" ", ["the lower bound of the AUC,", lower, "is not above", threshold]),
    )
    gate = ConditionStep(
        "Mammo-CheckAUCScore",
        conditions=[ConditionGreaterThan(lower, threshold)],
        if_steps=[register],
        else_steps=[refuse],
    )
    return Pipeline(
        pipeline_name,
        steps=[preprocess, train, package, evaluate, gate],
        parameters=[data, approval, threshold, instance, seed],
        bucket=default_bucket,
        role=role,
        region=region,
        description="Trains and registers the mammography severity model",
    )

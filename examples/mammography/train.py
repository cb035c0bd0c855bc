"""The train pipeline: raw deliveries in, a registered version out, if it is good enough.

``get_pipeline`` takes what existing CI files pass. Nothing is fitted on validation or test rows, and a row stays in
its part as deliveries are added; the seed fixes the split and the training, so the same data gives the same model,
byte for byte. The new model is compared with the newest approved version, the champion, on rows that neither was
trained on. A version is registered with that comparison, with why it was trained, and with the baseline that batches
are held against.
"""

from __future__ import annotations

from pathlib import Path

from ropeway.pipelines import (
    Channel,
    ConditionEquals,
    ConditionGreaterThan,
    ConditionNot,
    ConditionStep,
    Execution,
    FailStep,
    Input,
    Join,
    JsonGet,
    LambdaFunction,
    LambdaStep,
    Output,
    Parameter,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    ProcessingStep,
    PropertyFile,
    QualityCheckStep,
    RegisterModelStep,
    TrainingStep,
)

HERE = Path(__file__).parent
# The images of eu-west-1; other regions have other accounts.
REGISTRY = "141502667606.dkr.ecr.{region}.amazonaws.com"
SKLEARN = REGISTRY + "/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = REGISTRY + "/sagemaker-xgboost:1.7-1"
MONITOR = "468650794304.dkr.ecr.{region}.amazonaws.com/sagemaker-model-monitor-analyzer"
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
REPORT = PropertyFile("EvaluationReport", output="evaluation", path="evaluation.json")
REGISTRATION = PropertyFile("Registration", output="evaluation", path="registration.json")
# What a version tells of itself: from registration.json, and from the look-up of the champion.
FIGURES = (
    "auc",
    "auc_lower_95",
    "auc_upper_95",
    "tested_on",
    "comparison",
    "champion_auc",
    "auc_difference",
    "auc_difference_lower_95",
    "auc_difference_upper_95",
    "auc_difference_p",
)
TOLD = ("retraining_reason", "drift_report_url", "drifted_data_url")


class Parameters:
    """What a start may set."""

    def __init__(self, data: str) -> None:
        self.data = ParameterString("InputDataUrl", default=data)
        self.approval = ParameterString("ModelApprovalStatus", default="PendingManualApproval")
        self.threshold = ParameterFloat("AucScoreThreshold", default=0.7)
        self.instance = ParameterString("ProcessingInstanceType", default="ml.m5.xlarge")
        self.seed = ParameterInteger("Seed", default=42)
        self.reason = ParameterString("RetrainingReason", default="")
        self.report = ParameterString("DriftReportUrl", default="")
        self.drifted = ParameterString("DriftedDataUrl", default="")

    def all(self) -> list[Parameter]:
        return list(vars(self).values())


def get_pipeline(
    region: str,
    role: str,
    default_bucket: str,
    model_artifacts_bucket: str | None = None,
    kms_key: str | None = None,
    lambda_role: str | None = None,
    model_name: str = "mammography-severity",
    model_package_group_name: str | None = None,
    pipeline_name: str = "mammography-train",
    scripts: str | None = None,
) -> Pipeline:
    """The pipeline.

    Args:
        region, role: where it runs, and as whom.
        default_bucket: has the data, and gets what is in between.
        model_artifacts_bucket: gets what a version refers to: archive, evaluation, baseline; the same one by default.
        kms_key: encrypts volumes and outputs; without it they are encrypted as the bucket does.
        lambda_role: of the function that looks the champion up; the same role by default.
        model_package_group_name: the group's name, or the ARN of one in another account; the model's name by default.
        scripts: another folder of the use case's scripts.
    """
    told = Parameters(f"s3://{default_bucket}/{model_name}/data/train/")
    folder = Path(scripts) if scripts else HERE / "scripts"
    group = model_package_group_name or model_name
    sklearn, xgboost = SKLEARN.format(region=region), XGBOOST.format(region=region)

    def kept(step: str) -> Join:
        """Where a step puts what a version refers to."""
        bucket = model_artifacts_bucket or default_bucket
        return Join("/", [f"s3://{bucket}/{pipeline_name}", Execution.PIPELINE_EXECUTION_ID, step, "output"])

    preprocess = ProcessingStep(
        "Mammo-PreProcessing",
        image=sklearn,
        instance_type=told.instance,
        code=folder / "preprocess.py",
        args=["--seed", told.seed],
        inputs=[Input(told.data, "/opt/ml/processing/input")],
        outputs=[Output(name) for name in ("train", "validation", "test", "baseline", "imputer")],
        kms_key=kms_key,
    )
    train = TrainingStep(
        "Mammo-Train",
        image=xgboost,
        inputs={
            "train": Channel(preprocess.output("train"), content_type="text/csv"),
            "validation": Channel(preprocess.output("validation"), content_type="text/csv"),
        },
        output=kept("Mammo-Train"),
        hyperparameters=HYPERPARAMETERS,
        kms_key=kms_key,
    )
    package = ProcessingStep(
        "Mammo-Package",
        image=sklearn,
        instance_type=told.instance,
        code=folder / "package.py",
        inputs=[
            Input(train.model_data, "/opt/ml/processing/model"),
            Input(preprocess.output("imputer"), "/opt/ml/processing/imputer"),
            Input(folder / "inference.py", "/opt/ml/processing/code"),
        ],
        outputs=[Output("packaged", to=kept("Mammo-Package"))],
        kms_key=kms_key,
    )
    archive = Join("/", [package.output("packaged"), "model.tar.gz"])
    champion = LambdaStep(
        "Mammo-Champion",
        function=LambdaFunction(
            f"{pipeline_name}-champion",
            folder / "latest_approved.py",
            role=lambda_role or role,
            handler="champion",
        ),
        inputs={
            "region": region,
            "model_package_group_name": group,
            "otherwise": archive,  # a job's input must be there, also where there is no champion
            "retraining_reason": told.reason,
            "drift_report_url": told.report,
            "drifted_data_url": told.drifted,
        },
        outputs=dict.fromkeys(("version", "model_artifact_uri", *TOLD), "String"),
    )
    evaluate = ProcessingStep(
        "Mammo-Eval",
        image=xgboost,
        instance_type=told.instance,
        code=folder / "evaluate.py",
        args=["--champion-version", champion.output("version")],
        inputs=[
            Input(package.output("packaged"), "/opt/ml/processing/model"),
            Input(champion.output("model_artifact_uri"), "/opt/ml/processing/champion"),
            Input(preprocess.output("test"), "/opt/ml/processing/test"),
        ],
        outputs=[Output("evaluation", to=kept("Mammo-Eval"))],
        property_files=[REPORT, REGISTRATION],
        kms_key=kms_key,
    )
    baseline = QualityCheckStep(
        "Mammo-DataQualityCheck",
        image=MONITOR.format(region=region),
        instance_type=told.instance,
        data=Join("/", [preprocess.output("baseline"), "baseline.csv"]),
        skip=True,
        register=True,
        output=kept("Mammo-DataQualityCheck"),
        kms_key=kms_key,
    )
    register = RegisterModelStep(
        "Mammo-RegisterModel",
        group=group,
        approval=told.approval,
        image=xgboost,
        model_data=archive,
        environment={"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
        metrics=Join("/", [evaluate.output("evaluation"), "evaluation.json"]),
        baseline=baseline,
        metadata={
            **{name: JsonGet(evaluate, REGISTRATION, f"metadata.{name}") for name in FIGURES},
            "champion_version": champion.output("version"),
            **{name: champion.output(name) for name in TOLD},
        },
        summary=JsonGet(evaluate, REGISTRATION, "description"),
    )
    return Pipeline(
        pipeline_name,
        steps=[
            preprocess,
            train,
            package,
            champion,
            evaluate,
            gates(evaluate, told.threshold, baseline, register),
        ],
        parameters=told.all(),
        bucket=default_bucket,
        role=role,
        region=region,
        description="Trains and registers the mammography severity model",
    )


def gates(
    evaluate: ProcessingStep,
    threshold: ParameterFloat,
    baseline: QualityCheckStep,
    register: RegisterModelStep,
) -> ConditionStep:
    """Good enough by itself, and not significantly worse than the champion."""
    lower = JsonGet(evaluate, REPORT, "classification_metrics.auc.confidence_interval.lower")
    against_champion = ConditionStep(
        "Mammo-CheckChampion",
        conditions=[
            ConditionNot(ConditionEquals(JsonGet(evaluate, REPORT, "comparison.verdict"), "worse")),
        ],
        if_steps=[baseline, register],
        else_steps=[
            FailStep(
                "Mammo-ChampionFail",
                message=Join(
                    " ",
                    [
                        "the new model is significantly worse than the approved one:",
                        JsonGet(evaluate, REGISTRATION, "description"),
                    ],
                ),
            )
        ],
    )
    return ConditionStep(
        "Mammo-CheckAUCScore",
        conditions=[ConditionGreaterThan(lower, threshold)],
        if_steps=[against_champion],
        else_steps=[
            FailStep(
                "Mammo-AUCFail",
                message=Join(" ", ["the lower bound of the AUC,", lower, "is not above", threshold]),
            )
        ],
    )

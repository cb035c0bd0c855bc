"""Tuning steps: what the builder emits, the sandbox takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ropeway.pipelines import (
    CategoricalRange,
    ContinuousRange,
    IntegerRange,
    ModelStep,
    Pipeline,
    TrainingStep,
    TuningStep,
)
from ropeway.pipelines.functions import to_json
from ropeway.sandbox.domain.pipelines.documents import accept
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.domain.tuning import requests

ROLE = "arn:aws:iam::111111111111:role/Jobs"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def step_of(pipeline: Pipeline, name: str = "Tune") -> Any:
    """A step's entry, of a document that the sandbox accepts."""
    text = pipeline.definition()
    accept(text, STEP_TYPES)
    return {step["Name"]: step for step in json.loads(text)["Steps"]}[name]


def training(**more: Any) -> TrainingStep:
    return TrainingStep(
        "Train",
        image=IMAGE,
        role=ROLE,
        inputs={"train": "s3://b/train", "validation": "s3://b/validation"},
        output="s3://b/models",
        **more,
    )


def test_a_tuning_step_says_what_is_tuned_and_what_stays() -> None:
    tune = TuningStep(
        "Tune",
        training=training(hyperparameters={"num_round": 10}),
        ranges={
            "eta": ContinuousRange(0.1, 0.5, "Logarithmic"),
            "max_depth": IntegerRange(1, 5),
            "booster": CategoricalRange("gbtree", "dart"),
        },
        objective="validation:rmse",
        jobs=4,
        seed=3,
    )
    arguments = step_of(Pipeline("p", [tune]))["Arguments"]
    assert arguments["HyperParameterTuningJobConfig"] == {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
        "ResourceLimits": {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 4},
        "ParameterRanges": {
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
            ],
            "IntegerParameterRanges": [
                {"Name": "max_depth", "MinValue": "1", "MaxValue": "5", "ScalingType": "Auto"}
            ],
            "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}],
        },
        "TrainingJobEarlyStoppingType": "Off",
        "RandomSeed": 3,
    }
    definition = arguments["TrainingJobDefinition"]
    assert definition["StaticHyperParameters"] == {"num_round": "10"}
    assert definition["HyperParameterTuningResourceConfig"]["InstanceCount"] == 1
    assert "ResourceConfig" not in definition
    requests.accept({"HyperParameterTuningJobName": "t", **arguments})


def test_a_script_gets_its_choices_as_json(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("", encoding="utf-8")
    tune = TuningStep(
        "Tune",
        training=training(script=tmp_path / "train.py", metrics={"auc": "auc=(.*)"}),
        ranges={"kind": CategoricalRange("a", 2)},
        objective="auc",
        maximize=True,
        strategy="Grid",
        early_stopping=True,
    )
    arguments = step_of(Pipeline("p", [tune], bucket="b"))["Arguments"]
    config = arguments["HyperParameterTuningJobConfig"]
    assert config["ParameterRanges"]["CategoricalParameterRanges"][0]["Values"] == ['"a"', "2"]
    assert config["ResourceLimits"] == {"MaxParallelTrainingJobs": 2}
    assert config["TrainingJobEarlyStoppingType"] == "Auto"
    assert config["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
    assert arguments["TrainingJobDefinition"]["StaticHyperParameters"]["sagemaker_program"] == '"train.py"'


def test_models_are_addressed_by_rank() -> None:
    tune = TuningStep(
        "Tune", training=training(), ranges={"eta": ContinuousRange(0, 1)}, objective="train:rmse"
    )
    model = ModelStep("Model", image=IMAGE, model_data=tune.model_data(1))
    entry = step_of(Pipeline("p", [tune, model]), "Model")
    assert entry["Arguments"]["PrimaryContainer"]["ModelDataUrl"] == {
        "Std:Join": {
            "On": "/",
            "Values": [
                {"Get": "Steps.Tune.TrainingJobDefinition.OutputDataConfig.S3OutputPath"},
                {"Get": "Steps.Tune.TrainingJobSummaries[1].TrainingJobName"},
                "output/model.tar.gz",
            ],
        }
    }
    assert to_json(tune.best.TrainingJobName) == {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"}

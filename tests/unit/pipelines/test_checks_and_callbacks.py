"""Steps that ask, check and clean up: what the builder emits, the sandbox takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines import (
    CallbackStep,
    ClarifyCheckStep,
    Cleanup,
    CleanupStep,
    Execution,
    Join,
    Output,
    ParameterBoolean,
    ParameterString,
    Pipeline,
    ProcessingStep,
    QualityCheckStep,
    RegisterModelStep,
    TrainingStep,
)
from ropeway.sandbox.domain.pipelines.documents import accept
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES

ROLE = "arn:aws:iam::111111111111:role/Jobs"
URL = "https://sqs.eu-west-1.amazonaws.com/111111111111/questions"


def steps_of(pipeline: Pipeline) -> dict[str, Any]:
    """The steps' entries, of a document that the sandbox accepts."""
    text = pipeline.definition()
    accept(text, STEP_TYPES)
    return {step["Name"]: step for step in json.loads(text)["Steps"]}


def test_a_callback_asks_and_brings_typed_outputs() -> None:
    queue = ParameterString("Queue", URL)
    ask = CallbackStep(
        "Ask", queue=queue, inputs={"run": Execution.PIPELINE_EXECUTION_ID}, outputs={"score": "Float"}
    )
    after = CallbackStep("After", queue=URL, inputs={"score": ask.output("score")})
    steps = steps_of(Pipeline("p", [ask, after], [queue]))
    assert steps["Ask"] == {
        "Name": "Ask",
        "Type": "Callback",
        "Arguments": {"run": {"Get": "Execution.PipelineExecutionId"}},
        "SqsQueueUrl": {"Get": "Parameters.Queue"},
        "OutputParameters": [{"OutputName": "score", "OutputType": "Float"}],
    }
    assert steps["After"]["Arguments"] == {"score": {"Get": "Steps.Ask.OutputParameters['score']"}}
    assert steps["After"]["SqsQueueUrl"] == URL


def test_a_cleanup_depends_on_what_it_cleans_up() -> None:
    prepare = ProcessingStep("Prepare", image="i", outputs=[Output("rows", to="s3://b/rows")])
    train = TrainingStep("Train", image="i", output="s3://b/models")
    rows = Join("/", [prepare.output("rows"), "rows.csv"])
    clean = CleanupStep("Clean", sources=[Cleanup(prepare, [rows]), Cleanup("Train")], depends_on=[prepare])
    step = steps_of(Pipeline("p", [prepare, train, clean], bucket="b", role=ROLE))["Clean"]
    assert step["DependsOn"] == ["Prepare", "Train"]
    address = {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['rows'].S3Output.S3Uri"}
    assert step["Arguments"] == {
        "Resources": {
            "S3": [
                {
                    "StepName": "Prepare",
                    "S3Uris": [{"Std:Join": {"On": "/", "Values": [address, "rows.csv"]}}],
                },
                {"StepName": "Train"},
            ]
        }
    }


def test_a_quality_check_runs_the_analyser_and_feeds_the_registration() -> None:
    skip = ParameterBoolean("Skip", False)
    check = QualityCheckStep(
        "Check",
        image="analyser",
        data="s3://b/train.csv",
        group="g",
        skip=skip,
        register=True,
        statistics="s3://b/s.json",
        constraints="s3://b/c.json",
        environment={"A": 1},
    )
    register = RegisterModelStep(
        "Register",
        group="g",
        image="i",
        model_data="s3://m",
        metadata={"used": check.used_statistics, "new": check.calculated_statistics},
    )
    steps = steps_of(Pipeline("p", [check, register], [skip], bucket="b", role=ROLE))
    step = steps["Check"]
    assert {name: step[name] for name in step if name not in {"Name", "Type", "Arguments"}} == {
        "CheckType": "DATA_QUALITY",
        "ModelPackageGroupName": "g",
        "SkipCheck": {"Get": "Parameters.Skip"},
        "FailOnViolation": True,
        "RegisterNewBaseline": True,
        "SuppliedBaselineConstraints": "s3://b/c.json",
        "SuppliedBaselineStatistics": "s3://b/s.json",
    }
    arguments = step["Arguments"]
    assert arguments["AppSpecification"] == {"ImageUri": "analyser"}
    (data,) = arguments["ProcessingInputs"]
    assert (data["InputName"], data["S3Input"]["S3Uri"]) == ("baseline_dataset_input", "s3://b/train.csv")
    assert arguments["Environment"] == {
        "A": "1",
        "output_path": "/opt/ml/processing/output",
        "publish_cloudwatch_metrics": "Disabled",
        "dataset_format": '{"csv": {"header": true, "output_columns_position": "START"}}',
        "dataset_source": "/opt/ml/processing/input/baseline_dataset_input",
    }
    metadata = steps["Register"]["Arguments"]["CustomerMetadataProperties"]
    assert metadata["used"] == {"Get": "Steps.Check.BaselineUsedForDriftCheckStatistics"}
    assert metadata["new"] == {"Get": "Steps.Check.CalculatedBaselineStatistics"}


def test_a_model_s_quality_is_told_by_its_columns() -> None:
    check = QualityCheckStep(
        "Check",
        image="analyser",
        kind="MODEL_QUALITY",
        data="s3://b/predictions.csv",
        problem="BinaryClassification",
        prediction="p",
        truth="y",
        output="s3://b/out",
    )
    environment = steps_of(Pipeline("p", [check], role=ROLE))["Check"]["Arguments"]["Environment"]
    told = {name: environment.get(name) for name in ("analysis_type", "problem_type", "inference_attribute")}
    assert told == {
        "analysis_type": "MODEL_QUALITY",
        "problem_type": "BinaryClassification",
        "inference_attribute": "p",
    }
    assert "probability_attribute" not in environment


def test_a_clarify_check_brings_its_configuration(tmp_path: Path) -> None:
    config = tmp_path / "analysis_config.json"
    config.write_text("{}")
    check = ClarifyCheckStep(
        "Bias", image="clarify", kind="MODEL_BIAS", data="s3://b/d.csv", config=config, model="m", fail=False
    )
    pipeline = Pipeline("p", [check], bucket="b", role=ROLE)
    step = steps_of(pipeline)["Bias"]
    ((path, uri),) = pipeline.uploads
    assert path == config
    assert [each["InputName"] for each in step["Arguments"]["ProcessingInputs"]] == [
        "analysis_config",
        "dataset",
    ]
    assert step["Arguments"]["ProcessingInputs"][0]["S3Input"]["S3Uri"] == uri
    assert (step["CheckType"], step["ModelName"], step["FailOnViolation"]) == ("MODEL_BIAS", "m", False)
    assert "SuppliedBaselineStatistics" not in step
    assert check.used_constraints.expression() == {"Get": "Steps.Bias.BaselineUsedForDriftCheckConstraints"}
    assert check.calculated_constraints.expression() == {"Get": "Steps.Bias.CalculatedBaselineConstraints"}


def test_a_check_of_no_known_kind_is_refused() -> None:
    check = QualityCheckStep("Check", image="i", kind="DATA_BIAS", data="s3://b/d")
    with pytest.raises(DefinitionError, match=r"step Check: 'DATA_BIAS' is no kind of QualityCheck"):
        Pipeline("p", [check], bucket="b").definition()


def test_a_model_quality_check_needs_its_problem() -> None:
    check = QualityCheckStep("Check", image="i", kind="MODEL_QUALITY", data="s3://b/d")
    with pytest.raises(DefinitionError, match="step Check: a MODEL_QUALITY check needs a problem"):
        Pipeline("p", [check], bucket="b").definition()

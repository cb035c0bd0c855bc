"""The builder: what it emits, what it wants uploaded, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines import (
    CacheConfig,
    ConditionLessThanOrEqualTo,
    ConditionNot,
    ConditionStep,
    Execution,
    FailStep,
    Input,
    Join,
    JsonGet,
    LambdaFunction,
    LambdaStep,
    ModelStep,
    Output,
    Parameter,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    ProcessingStep,
    PropertyFile,
    RegisterModelStep,
    Step,
    TrainingStep,
    TransformStep,
)

ROLE = "arn:aws:iam::111111111111:role/Jobs"


def steps_of(pipeline: Pipeline) -> dict[str, Any]:
    document = json.loads(pipeline.definition())
    return {step["Name"]: step for step in document["Steps"]}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "preprocess.py"
    path.write_text("print('hello')\n")
    return path


def test_a_processing_step_runs_an_uploaded_script_on_its_inputs(script: Path) -> None:
    data = ParameterString("Data", "s3://raw/rows.csv")
    step = ProcessingStep(
        "Prepare",
        image="image",
        code=script,
        inputs=[Input(data, "/opt/ml/processing/input")],
        outputs=[Output("train")],
        args=["--rows", 7],
        cache=CacheConfig(expire_after="P30D"),
        property_files=[PropertyFile("Report", "train", "report.json")],
        max_runtime=60,
        environment={"A": True},
    )
    pipeline = Pipeline("p", [step], [data], bucket="b", role=ROLE)
    (path, uri), *others = pipeline.uploads
    assert (path, others) == (script, [])
    sha = hashlib.sha256(script.read_bytes()).hexdigest()
    assert uri == f"s3://b/p/code/{sha}/preprocess.py"
    shared = {
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    assert steps_of(pipeline)["Prepare"] == {
        "Name": "Prepare",
        "Type": "Processing",
        "CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
        "PropertyFiles": [{"PropertyFileName": "Report", "OutputName": "train", "FilePath": "report.json"}],
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
            },
            "AppSpecification": {
                "ImageUri": "image",
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/preprocess.py"],
                "ContainerArguments": ["--rows", "7"],
            },
            "RoleArn": ROLE,
            "Environment": {"A": "true"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "ProcessingInputs": [
                {
                    "InputName": "input-1",
                    "AppManaged": False,
                    "S3Input": {
                        "S3Uri": {"Get": "Parameters.Data"},
                        "LocalPath": "/opt/ml/processing/input",
                        **shared,
                    },
                },
                {
                    "InputName": "code",
                    "AppManaged": False,
                    "S3Input": {
                        "S3Uri": uri,
                        "LocalPath": "/opt/ml/processing/input/code",
                        **shared,
                    },
                },
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "train",
                        "AppManaged": False,
                        "S3Output": {
                            "S3Uri": {
                                "Std:Join": {
                                    "On": "/",
                                    "Values": [
                                        "s3://b/p",
                                        {"Get": "Execution.PipelineExecutionId"},
                                        "Prepare",
                                        "output",
                                        "train",
                                    ],
                                }
                            },
                            "LocalPath": "/opt/ml/processing/train",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
        },
    }


def test_a_script_s_address_changes_with_its_content_only(script: Path) -> None:
    def address() -> str:
        return Pipeline("p", [ProcessingStep("A", image="i", code=script)], bucket="b").uploads[0][1]

    first = address()
    script.touch()
    assert address() == first
    script.write_text("print('other')\n")
    assert address() != first


def test_training_takes_channels_and_text_hyperparameters() -> None:
    prepare = ProcessingStep("Prepare", image="i", outputs=[Output("train")])
    rounds = ParameterInteger("Rounds", 10)
    train = TrainingStep(
        "Train",
        image="xgboost",
        inputs={"train": prepare.output("train")},
        content_type="text/csv",
        hyperparameters={"eta": 0.2, "num_round": rounds},
        output="s3://models/abalone",
        depends_on=[prepare, "Other"],
        arguments={"ResourceConfig": {"InstanceType": "ml.c5.large"}, "EnableNetworkIsolation": True},
    )
    other = ProcessingStep("Other", image="i")
    found = steps_of(Pipeline("p", [prepare, other, train], [rounds], bucket="b"))["Train"]
    assert found["DependsOn"] == ["Prepare", "Other"]
    assert found["Arguments"] == {
        "AlgorithmSpecification": {"TrainingImage": "xgboost", "TrainingInputMode": "File"},
        "EnableNetworkIsolation": True,
        "HyperParameters": {
            "eta": "0.2",
            "num_round": {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Rounds"}]}},
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3DataDistributionType": "FullyReplicated",
                        "S3Uri": {
                            "Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"
                        },
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://models/abalone"},
        "ResourceConfig": {"InstanceType": "ml.c5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
    }


def test_script_mode_uploads_the_same_archive_for_the_same_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("pass\n")
    (source / "requirements.txt").write_text("tabulate\n")

    def built() -> Pipeline:
        step = TrainingStep(
            "T", image="i", script="train.py", source=source, hyperparameters={"depth": 3, "kind": "x"}
        )
        return Pipeline("p", [step], bucket="b")

    first = built().assets[0]
    (source / "train.py").touch()
    second = built().assets[0]
    assert (first.uri, first.content()) == (second.uri, second.content())
    assert steps_of(built())["T"]["Arguments"]["HyperParameters"] == {
        "depth": "3",
        "kind": '"x"',
        "sagemaker_program": '"train.py"',
        "sagemaker_submit_directory": json.dumps(str(first.uri)),
    }


def test_a_gate_registers_or_fails() -> None:
    limit = ParameterFloat("Limit", 6.0)
    report = PropertyFile("Report", "evaluation", "evaluation.json")
    evaluate = ProcessingStep("Evaluate", image="i", outputs=[Output("evaluation")], property_files=[report])
    model = ModelStep("Model", image="i", model_data="s3://m/model.tar.gz")
    predict = TransformStep("Predict", model=model.model, data="s3://d/batch", join="Input")
    register = RegisterModelStep(
        "Register", group="g", image="i", model_data="s3://m", metrics="s3://b/evaluation.json"
    )
    gate = ConditionStep(
        "Gate",
        conditions=[
            ConditionLessThanOrEqualTo(JsonGet(evaluate, report, "mse.value"), limit),
            ConditionNot(ConditionLessThanOrEqualTo(1, 0)),
        ],
        if_steps=[register, model, predict],
        else_steps=[FailStep("TooBad", message=Join(" ", ["above", limit]))],
    )
    arguments = steps_of(Pipeline("p", [evaluate, gate], [limit], bucket="b", role=ROLE))["Gate"]["Arguments"]
    assert arguments["Conditions"] == [
        {
            "Type": "LessThanOrEqualTo",
            "LeftValue": {
                "Std:JsonGet": {
                    "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
                    "Path": "mse.value",
                }
            },
            "RightValue": {"Get": "Parameters.Limit"},
        },
        {"Type": "Not", "Expression": {"Type": "LessThanOrEqualTo", "LeftValue": 1, "RightValue": 0}},
    ]
    assert [step["Name"] for step in arguments["IfSteps"]] == ["Register", "Model", "Predict"]
    assert arguments["IfSteps"][0]["Arguments"]["ModelMetrics"] == {
        "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/evaluation.json"}}
    }
    assert arguments["IfSteps"][1]["Arguments"] == {
        "PrimaryContainer": {"Image": "i", "ModelDataUrl": "s3://m/model.tar.gz"},
        "ExecutionRoleArn": ROLE,
    }
    assert arguments["IfSteps"][2]["Arguments"]["DataProcessing"] == {"JoinSource": "Input"}
    assert arguments["ElseSteps"] == [
        {
            "Name": "TooBad",
            "Type": "Fail",
            "Arguments": {
                "ErrorMessage": {"Std:Join": {"On": " ", "Values": ["above", {"Get": "Parameters.Limit"}]}}
            },
        }
    ]


def test_a_lambda_step_may_bring_its_function(script: Path) -> None:
    newest = LambdaStep(
        "Newest",
        function=LambdaFunction("newest-model", script, ROLE),
        inputs={"group": "g", "run": Execution.PIPELINE_EXECUTION_ID},
        outputs={"image": "String"},
    )
    pipeline = Pipeline("p", [newest], region="eu-west-1")
    assert steps_of(pipeline)["Newest"] == {
        "Name": "Newest",
        "Type": "Lambda",
        "Arguments": {"group": "g", "run": {"Get": "Execution.PipelineExecutionId"}},
        "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:newest-model",
        "OutputParameters": [{"OutputName": "image", "OutputType": "String"}],
    }
    assert [(function.name, function.handler) for function in pipeline.functions] == [
        ("newest-model", "preprocess.lambda_handler")
    ]
    assert newest.output("image").expression() == {"Get": "Steps.Newest.OutputParameters['image']"}


def test_a_missing_script_is_named_with_its_step() -> None:
    step = ProcessingStep("Prepare", image="i", code="no/such.py")
    with pytest.raises(DefinitionError, match=r"^step Prepare: there is no file no/such\.py$"):
        Pipeline("p", [step], bucket="b").definition()


def test_local_files_need_a_bucket(script: Path) -> None:
    with pytest.raises(DefinitionError, match="the pipeline names none"):
        Pipeline("p", [ProcessingStep("A", image="i", code=script)]).definition()


def test_what_is_no_json_is_refused() -> None:
    step = TrainingStep("T", image="i", output="s3://b", arguments={"Tags": object()})
    with pytest.raises(DefinitionError, match="cannot stand in a pipeline definition"):
        Pipeline("p", [step]).definition()


def test_two_parameters_of_one_name_are_refused() -> None:
    twice: list[Parameter[Any]] = [ParameterString("A"), ParameterInteger("A")]
    with pytest.raises(DefinitionError, match="two parameters are called A"):
        Pipeline("p", [], twice).definition()


def test_the_graph_tells_what_each_step_waits_for() -> None:
    first = ProcessingStep("A", image="i", outputs=[Output("data")])
    second = ProcessingStep("B", image="i", inputs=[Input(first.output("data"), "/opt/ml/processing/in")])
    gate = ConditionStep("C", conditions=[ConditionNot(ConditionLessThanOrEqualTo(1, 0))], if_steps=[second])
    assert Pipeline("p", [first, gate], bucket="b").graph() == {
        "A": frozenset(),
        "B": frozenset({"A", "C"}),
        "C": frozenset(),
    }


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([FailStep("A", depends_on=["B"])], "step A: DependsOn names 'B', which is no step of this pipeline"),
        (
            [FailStep("A", depends_on=["B"]), FailStep("B", depends_on=["A"])],
            "steps wait for each other: B -> A -> B",
        ),
        ([FailStep("A"), FailStep("A")], "step A: the name is used twice"),
        (
            [FailStep("A", message=ParameterString("P"))],
            "it refers to the parameter 'P', which is not declared",
        ),
        ([FailStep("a b")], "'a b' is no step name"),
    ],
)
def test_a_pipeline_is_checked_before_it_is_sent(steps: list[Step], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Pipeline("p", steps).definition()
    assert message in str(caught.value).replace("A -> B -> A", "B -> A -> B")

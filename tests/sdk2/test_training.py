"""Training steps: the built-in algorithm, and script mode of every framework."""

from __future__ import annotations

import json
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sagemaker import image_uris
from sagemaker.debugger import CollectionConfig, DebuggerHookConfig, ProfilerRule, Rule, rule_configs
from sagemaker.estimator import Estimator
from sagemaker.huggingface import HuggingFace
from sagemaker.inputs import TrainingInput
from sagemaker.pytorch import PyTorch
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.tensorflow import TensorFlow
from sagemaker.workflow.parameters import ParameterFloat
from sagemaker.workflow.steps import TrainingStep
from sagemaker.xgboost.estimator import XGBoost

ROWS = "2.0,1.0\n4.0,2.0\n6.0,3.0\n"


@pytest.fixture(scope="module")
def data(session: Any) -> str:
    place = f"s3://{session.default_bucket()}/training-data"
    S3Uploader.upload_string_as_file_body(ROWS, f"{place}/rows.csv", sagemaker_session=session)
    return place


def members(session: Any, uri: str) -> dict[str, bytes]:
    archive = S3Downloader.read_bytes(uri, sagemaker_session=session)
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        return {
            entry.name: tar.extractfile(entry).read()  # type: ignore[union-attr]
            for entry in tar
            if entry.isfile()
        }


@pytest.mark.parametrize("framework", [SKLearn, XGBoost])
def test_script_mode(
    run: Any, session: Any, pipelines: Any, role: str, code: Path, data: str, framework: Any
) -> None:
    factor = ParameterFloat("Factor", default_value=1.0)
    estimator = framework(
        entry_point="train.py",
        source_dir=str(code / "training"),
        framework_version={SKLearn: "1.2-1", XGBoost: "1.7-1"}[framework],
        role=role,
        instance_type="ml.m5.large",
        instance_count=1,
        hyperparameters={"factor": factor, "name": "own name"},
        metric_definitions=[{"Name": "slope", "Regex": "slope=([0-9.]+);"}],
        sagemaker_session=pipelines,
    )
    step = TrainingStep(
        "Script", step_args=estimator.fit({"train": TrainingInput(data, content_type="text/csv")})
    )
    ran = run(f"script-{framework.__name__}", [step], [factor], parameters={"Factor": 1.5})
    assert ran.statuses == {"Script": "Succeeded"}, ran.reasons
    job = ran.job(session, "Script")
    assert [(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]] == [("slope", 3.0)]
    model = members(session, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert json.loads(model["model.json"]) == {"slope": 3.0, "name": "own name"}
    beside = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert json.loads(members(session, beside)["seen.json"]) == {"factor": 1.5, "name": "own name"}


def test_a_failing_script_tells_its_exception(
    run: Any, pipelines: Any, role: str, code: Path, data: str
) -> None:
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=str(code / "training"),
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        hyperparameters={"fail": "bad luck"},
        sagemaker_session=pipelines,
    )
    ran = run("failing-script", [TrainingStep("Fails", step_args=estimator.fit({"train": data}))])
    reason = ran.steps["Fails"]["FailureReason"]
    assert reason.startswith("ClientError: AlgorithmError: ")
    assert "ValueError: bad luck" in reason


def test_the_built_in_algorithm_with_debugger_and_profiler_settings(
    run: Any, session: Any, pipelines: Any, role: str
) -> None:
    bucket = session.default_bucket()
    rows = "".join(f"{2 * i},{i},{i % 3}\n" for i in range(30))
    S3Uploader.upload_string_as_file_body(rows, f"s3://{bucket}/abalone/rows.csv", sagemaker_session=session)
    estimator = Estimator(
        image_uris.retrieve("xgboost", pipelines.boto_region_name, "1.7-1"),
        role,
        1,
        "ml.m5.large",
        hyperparameters={"num_round": 3, "objective": "reg:squarederror", "eval_metric": "rmse"},
        debugger_hook_config=DebuggerHookConfig(
            s3_output_path=f"s3://{bucket}/debug", collection_configs=[CollectionConfig("metrics")]
        ),
        rules=[
            Rule.sagemaker(rule_configs.loss_not_decreasing()),
            ProfilerRule.sagemaker(rule_configs.ProfilerReport()),
        ],
        sagemaker_session=pipelines,
    )
    channel = TrainingInput(f"s3://{bucket}/abalone", content_type="text/csv")
    step = TrainingStep("BuiltIn", step_args=estimator.fit({"train": channel, "validation": channel}))
    ran = run("built-in", [step])
    assert ran.statuses == {"BuiltIn": "Succeeded"}, ran.reasons
    job = ran.job(session, "BuiltIn")
    assert {m["MetricName"] for m in job["FinalMetricDataList"]} == {"train:rmse", "validation:rmse"}
    assert job["DebugHookConfig"]["S3OutputPath"] == f"s3://{bucket}/debug"
    assert "xgboost-model" in members(session, job["ModelArtifacts"]["S3ModelArtifacts"])


FRAMEWORKS = {
    "pytorch": (PyTorch, {"framework_version": "2.3", "py_version": "py311"}, "torch"),
    "huggingface": (
        HuggingFace,
        {"transformers_version": "4.28.1", "pytorch_version": "2.0.0", "py_version": "py310"},
        "torch",
    ),
    "tensorflow": (TensorFlow, {"framework_version": "2.14", "py_version": "py310"}, "tensorflow"),
}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_whose_packages_are_missing_is_told(
    run: Any, pipelines: Any, role: str, code: Path, data: str, name: str
) -> None:
    estimator_class, versions, package = FRAMEWORKS[name]
    estimator = estimator_class(
        entry_point="train.py",
        source_dir=str(code / "training"),
        role=role,
        instance_type="ml.g4dn.xlarge" if name == "huggingface" else "ml.m5.large",
        instance_count=1,
        sagemaker_session=pipelines,
        **versions,
    )
    ran = run(f"missing-{name}", [TrainingStep("Framework", step_args=estimator.fit({"train": data}))])
    reason = ran.steps["Framework"]["FailureReason"]
    assert ran.status == "Failed"
    assert f"needs the package {package}" in reason
    assert "runtimes.toml" in reason

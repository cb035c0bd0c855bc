"""Models: created, repacked with an inference script, registered, transformed; also by step collections."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sagemaker import image_uris
from sagemaker.inputs import CreateModelInput, TransformInput
from sagemaker.model import Model
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.pipeline import PipelineModel
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.model import SKLearnModel
from sagemaker.transformer import Transformer
from sagemaker.workflow.functions import Join
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.step_collections import EstimatorTransformer, RegisterModel
from sagemaker.workflow.steps import CreateModelStep, TrainingStep, TransformStep


@pytest.fixture(scope="module")
def data(session: Any) -> str:
    place = f"s3://{session.default_bucket()}/model-data"
    S3Uploader.upload_string_as_file_body("3,1\n6,2\n", f"{place}/train/rows.csv", sagemaker_session=session)
    S3Uploader.upload_string_as_file_body("1.25\n2.5\n", f"{place}/batch/rows.csv", sagemaker_session=session)
    return place


@pytest.fixture(scope="module")
def train(pipelines: Any, role: str, code: Path, data: str) -> Any:
    """A training step whose model is a slope of 3."""
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=str(code / "training"),
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        sagemaker_session=pipelines,
    )
    return TrainingStep("Train", step_args=estimator.fit({"train": f"{data}/train"}))


@pytest.fixture
def model(pipelines: Any, role: str, code: Path, train: Any) -> Any:
    """Its model, with an inference script that has to be packed into it."""
    return SKLearnModel(
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        entry_point="inference.py",
        source_dir=str(code / "inference"),
        framework_version="1.2-1",
        role=role,
        name="slope",
        sagemaker_session=pipelines,
    )


def predictions(session: Any, job: dict[str, Any]) -> str:
    place = f"{job['TransformOutput']['S3OutputPath']}/rows.csv.out"
    return str(S3Downloader.read_file(place, sagemaker_session=session))


def test_a_model_with_a_script_is_repacked_created_and_transforms(
    run: Any, session: Any, pipelines: Any, role: str, code: Path, train: Any, data: str
) -> None:
    model = Model(
        image_uri=image_uris.retrieve("sklearn", pipelines.boto_region_name, "1.2-1"),
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        entry_point="inference.py",
        source_dir=str(code / "inference"),
        role=role,
        sagemaker_session=pipelines,
    )
    create = ModelStep("Model", step_args=model.create(instance_type="ml.m5.large"))
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_type="ml.m5.large",
        instance_count=1,
        accept="text/csv",
        assemble_with="Line",
        output_path=f"s3://{session.default_bucket()}/predictions",
        sagemaker_session=pipelines,
    )
    arguments = transformer.transform(
        f"{data}/batch", content_type="text/csv", split_type="Line", join_source="Input"
    )
    ran = run("model-create", [train, create, TransformStep("Transform", step_args=arguments)])
    repack = next(name for name in ran.steps if name.startswith("Model-RepackModel"))
    assert ran.statuses == {
        "Train": "Succeeded",
        repack: "Succeeded",
        "Model-CreateModel": "Succeeded",
        "Transform": "Succeeded",
    }, ran.reasons
    packed = ran.job(session, repack)["ModelArtifacts"]["S3ModelArtifacts"]
    archive = S3Downloader.read_bytes(packed, sagemaker_session=session)
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        names = {name.removeprefix("./") for name in tar.getnames()}
    assert {"model.json", "code/inference.py", "code/rounding.py"} <= names
    assert predictions(session, ran.job(session, "Transform")) == "1.25,3.75\n2.5,7.5\n"


def test_a_model_with_a_script_is_registered_with_its_metrics(
    run: Any, session: Any, train: Any, model: Any
) -> None:
    approval = ParameterString("Approval", default_value="PendingManualApproval")
    report = Join("/", [f"s3://{session.default_bucket()}", "report.json"])
    registration = model.register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="slopes",
        approval_status=approval,
        customer_metadata_properties={"team": "own"},
        model_metrics=ModelMetrics(model_statistics=MetricsSource("application/json", report)),
    )
    step = ModelStep("Model", step_args=registration)
    ran = run("model-register", [train, step], [approval], parameters={"Approval": "Approved"})
    assert ran.status == "Succeeded", ran.reasons
    package = ran.steps["Model-RegisterModel"]["Metadata"]["RegisterModel"]["Arn"]
    found = session.sagemaker_client.describe_model_package(ModelPackageName=package)
    assert found["ModelPackageGroupName"] == "slopes"
    assert found["ModelApprovalStatus"] == "Approved"
    assert found["CustomerMetadataProperties"] == {"team": "own"}
    source = found["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert source == f"s3://{session.default_bucket()}/report.json"
    container = found["InferenceSpecification"]["Containers"][0]
    assert container["Environment"]["SAGEMAKER_PROGRAM"] == "inference.py"


def test_a_chain_of_containers_is_created(
    run: Any, session: Any, pipelines: Any, role: str, train: Any, model: Any
) -> None:
    plain = Model(
        image_uri=image_uris.retrieve("xgboost", pipelines.boto_region_name, "1.7-1"),
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        role=role,
        sagemaker_session=pipelines,
    )
    chain = PipelineModel([model, plain], role=role, sagemaker_session=pipelines)
    step = ModelStep("Chain", step_args=chain.create(instance_type="ml.m5.large"))
    ran = run("model-chain", [train, step])
    assert ran.status == "Succeeded", ran.reasons
    name = ran.steps["Chain-CreateModel"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    found = session.sagemaker_client.describe_model(ModelName=name)
    assert len(found["Containers"]) == 2


def test_the_collections_of_old_pipelines(
    run: Any, session: Any, pipelines: Any, role: str, code: Path, train: Any, data: str
) -> None:
    estimator = SKLearn(
        entry_point="inference.py",
        source_dir=str(code / "inference"),
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    artifact = train.properties.ModelArtifacts.S3ModelArtifacts
    register = RegisterModel(
        name="Old",
        estimator=estimator,
        model_data=artifact,
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="old-slopes",
        entry_point="inference.py",
        source_dir=str(code / "inference"),
    )
    transform = EstimatorTransformer(
        name="Batch",
        estimator=estimator,
        model_data=artifact,
        model_inputs=CreateModelInput(instance_type="ml.m5.large"),
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{session.default_bucket()}/collections",
        transform_inputs=TransformInput(data=f"{data}/batch", content_type="text/csv", split_type="Line"),
        entry_point="inference.py",
        source_dir=str(code / "inference"),
    )
    ran = run("model-collections", [train, register, transform])
    assert ran.status == "Succeeded", ran.reasons
    packages = session.sagemaker_client.list_model_packages(ModelPackageGroupName="old-slopes")
    assert len(packages["ModelPackageSummaryList"]) == 1
    batch = next(
        name for name in ran.steps if name.startswith("Batch") and "Transform" in ran.steps[name]["StepName"]
    )
    assert "3.75" in predictions(session, ran.job(session, batch))


def test_a_model_created_in_the_old_way(
    run: Any, session: Any, pipelines: Any, role: str, train: Any
) -> None:
    model = Model(
        image_uri=image_uris.retrieve("xgboost", pipelines.boto_region_name, "1.7-1"),
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        role=role,
        sagemaker_session=session,
    )
    step = CreateModelStep("Create", model=model, inputs=CreateModelInput(instance_type="ml.m5.large"))
    ran = run("model-old", [train, step])
    assert ran.statuses == {"Train": "Succeeded", "Create": "Succeeded"}

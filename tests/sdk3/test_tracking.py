"""What is written down of work: runs of experiments, lineage of jobs, permissions of roles."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sagemaker.core import image_uris
from sagemaker.core.analytics import ExperimentAnalytics
from sagemaker.core.experiments.run import Run, load_run
from sagemaker.core.helper.iam_role_resolver import RoleValidationError, resolve_and_validate_role
from sagemaker.core.lineage.artifact import Artifact, DatasetArtifact
from sagemaker.core.lineage.association import Association
from sagemaker.core.lineage.context import Context
from sagemaker.core.lineage.query import (
    LineageEntityEnum,
    LineageFilter,
    LineageQuery,
    LineageQueryDirectionEnum,
    LineageSourceEnum,
)
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode


def test_a_run_logs_parameters_metrics_and_artifacts(session: Any) -> None:
    with Run(experiment_name="wine", run_name="first", sagemaker_session=session) as run:
        run.log_parameters({"eta": 0.1, "kind": "tree"})
        for step, loss in enumerate((4.0, 2.0, 3.0)):
            run.log_metric("loss", loss, step=step)
        run.log_artifact("data", "s3://somewhere/data", is_output=False)
    found = ExperimentAnalytics(experiment_name="wine", sagemaker_session=session).dataframe()
    (row,) = found.to_dict("records")
    assert (row["eta"], row["kind"]) == (0.1, "tree")
    assert (row["loss - Min"], row["loss - Max"], row["loss - Last"], row["loss - Count"]) == (2, 4, 3, 3)
    with load_run(experiment_name="wine", run_name="first", sagemaker_session=session) as again:
        again.log_parameter("depth", 3)
        assert again.experiment_name == "wine"


def test_lineage_is_made_by_hand_and_queried(session: Any) -> None:
    data = Artifact.create(
        artifact_name="raw",
        source_uri=f"s3://raw/{time.time()}",
        artifact_type="DataSet",
        properties={"rows": "100"},
        sagemaker_session=session,
    )
    context = Context.create(
        context_name="study",
        source_uri="study",
        context_type="Study",
        sagemaker_session=session,
    )
    Association.create(
        source_arn=data.artifact_arn,
        destination_arn=context.context_arn,
        association_type="ContributedTo",
        sagemaker_session=session,
    )
    data.properties["rows"] = "101"
    data.save()
    assert Artifact.load(data.artifact_arn, sagemaker_session=session).properties == {"rows": "101"}
    result = LineageQuery(session).query(
        start_arns=[context.context_arn],
        direction=LineageQueryDirectionEnum.ASCENDANTS,
        query_filter=LineageFilter(
            entities=[LineageEntityEnum.ARTIFACT], sources=[LineageSourceEnum.DATASET]
        ),
        include_edges=False,
    )
    assert [vertex.arn for vertex in result.vertices] == [data.artifact_arn]
    data.delete(disassociate=True)
    context.delete()


def test_a_model_is_traced_to_its_data(session: Any, role: str, code: Path) -> None:
    bucket = session.default_bucket()
    session.upload_string_as_file_body("2,1\n4,2\n", bucket, "traced/train.csv")
    uri = f"s3://{bucket}/traced/"
    trainer = ModelTrainer(
        training_image=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
        source_code=SourceCode(source_dir=str(code / "training"), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        role=role,
        base_job_name="traced",
        sagemaker_session=session,
    )
    trainer.train(input_data_config=[InputData(channel_name="train", data_source=uri)], logs=False)
    job = trainer._latest_training_job
    (summary,) = Artifact.list(source_uri=job.model_artifacts.s3_model_artifacts, sagemaker_session=session)
    result = LineageQuery(session).query(
        start_arns=[summary.artifact_arn],
        direction=LineageQueryDirectionEnum.ASCENDANTS,
        query_filter=LineageFilter(sources=[LineageSourceEnum.DATASET]),
        include_edges=False,
    )
    read = [vertex.to_lineage_object() for vertex in result.vertices]
    assert uri in {artifact.source.source_uri for artifact in read}
    assert all(isinstance(artifact, DatasetArtifact) for artifact in read)


def test_a_role_is_validated_by_its_policies(
    session: Any, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "true")
    account = role.split(":")[4]
    good = f"arn:aws:iam::{account}:role/RopewayExecutionRole"
    assert resolve_and_validate_role(good, role_type="training", sagemaker_session=session) == good
    iam = session.boto_session.client("iam")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    bare = iam.create_role(RoleName="bare", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    with pytest.raises(RoleValidationError, match="bare"):
        resolve_and_validate_role(bare, role_type="training", sagemaker_session=session)

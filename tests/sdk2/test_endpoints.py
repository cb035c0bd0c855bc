"""Endpoints: a model deployed, asked by its predictor, updated, deleted."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

from sagemaker.deserializers import CSVDeserializer
from sagemaker.s3 import S3Uploader
from sagemaker.serializers import CSVSerializer
from sagemaker.sklearn.model import SKLearnModel


def archive(folder: Path) -> Path:
    """A model of slope 3."""
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        content = b'{"slope": 3}'
        entry = tarfile.TarInfo("model.json")
        entry.size = len(content)
        tar.addfile(entry, BytesIO(content))
    return path


def test_a_model_is_deployed_and_predicts(session: Any, role: str, code: Path, tmp_path: Path) -> None:
    place = f"s3://{session.default_bucket()}/deployed"
    data = S3Uploader.upload(str(archive(tmp_path)), place, sagemaker_session=session)
    model = SKLearnModel(
        model_data=data,
        entry_point="inference.py",
        source_dir=str(code / "inference"),
        framework_version="1.2-1",
        role=role,
        sagemaker_session=session,
    )
    predictor = model.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        endpoint_name="slopes",
        serializer=CSVSerializer(),
        deserializer=CSVDeserializer(),
        wait=False,  # its own wait sleeps thirty seconds before it looks
    )
    client = session.sagemaker_client
    client.get_waiter("endpoint_in_service").wait(EndpointName="slopes")
    assert [float(value) for row in predictor.predict("2\n4\n") for value in row] == [6, 12]
    predictor.delete_model()
    predictor.delete_endpoint(delete_endpoint_config=True)
    client.get_waiter("endpoint_deleted").wait(EndpointName="slopes")

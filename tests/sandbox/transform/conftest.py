"""Models and transform jobs for the job runner's world."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import numpy as np
import pytest
import xgboost

from ropeway.sandbox.domain.jobs.model import Container, Job, Kind
from tests.sandbox.jobs.conftest import XGBOOST, World
from tests.sandbox.jobs.conftest import build as build
from tests.sandbox.jobs.conftest import world as world

ECHO = """
import json, os
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    if "boom" in str(body):
        raise ValueError("boom came")
    if "die" in str(body):
        os._exit(7)
    return body, accept
"""


def archive(files: dict[str, bytes | str]) -> bytes:
    """A tar.gz of files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return content.getvalue()


@pytest.fixture(scope="session")
def booster() -> Any:
    """A Booster of three features."""
    source = np.random.default_rng(1)
    rows = source.normal(size=(200, 3))
    return xgboost.train({"max_depth": 2, "seed": 0}, xgboost.DMatrix(rows, label=rows[:, 0]), 5)


def put_booster(world: World, booster: Any) -> Container:
    """Store a model with the Booster; its container."""
    uri = world.put("s3://bucket/model.tar.gz", archive({"xgboost-model": bytes(booster.save_raw("ubj"))}))
    return Container(XGBOOST, uri)


def put_script(world: World, image: str, source: str, name: str = "script", **environment: str) -> Container:
    """Store a model whose code is a script; its container."""
    uri = world.put(f"s3://bucket/{name}.tar.gz", archive({"code/inference.py": source}))
    return Container(image, uri, {"SAGEMAKER_PROGRAM": "inference.py", **environment})


def transform(world: World, *containers: Container, **extra: Any) -> Job:
    """A transform job over ``s3://bucket/in/``; ``split``, ``accept``, ``content_type``, ``assemble`` and members."""
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": extra.pop("uri", "s3://bucket/in/")}}
    given = {"DataSource": source, "SplitType": extra.pop("split", "Line")}
    output = {"S3OutputPath": "s3://bucket/out", "AssembleWith": extra.pop("assemble", "Line")}
    given["ContentType"] = extra.pop("content_type", "text/csv")
    given["CompressionType"] = extra.pop("compression", "None")
    if "accept" in extra:
        output["Accept"] = extra.pop("accept")
    request = {"ModelName": "model", "TransformInput": given, "TransformOutput": output, **extra}
    job = world.job(Kind.TRANSFORM, request)
    members = {name: value for name, value in job.request.items() if name != "RoleArn"}
    return Job(**{**vars(job), "containers": containers, "request": members})


def output(world: World, name: str) -> str:
    """An output object as text."""
    return (world.objects.folder / "bucket/out" / name).read_text(encoding="utf-8")

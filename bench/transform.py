"""Batch transform of 1,000,000 rows of 20 numbers by the built-in XGBoost, against a script that predicts by itself.

The script reads the same file with pandas' parser, as the sandbox's container does, predicts with the same model and
threads, and writes the same text. Both results must be equal. Imports and the start of the job are in both times.
Rounds alternate; the best of each side counts. The sandbox gets the file through S3 before the clock starts.
"""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cold import timed
from bench.live import BUCKET, ROLE, Live, live

ROWS, COLUMNS, ROUNDS = 1_000_000, 20, 3
_IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
_MAKE = f"""\
import sys
import numpy as np, xgboost
from pathlib import Path
folder = Path(sys.argv[1])
source = np.random.default_rng(1)
rows = source.random(({ROWS}, {COLUMNS}), np.float32).round(4)
with (folder / "rows.csv").open("w") as file:
    for at in range(0, len(rows), 10000):
        file.write("\\n".join(",".join("%.4f" % cell for cell in row) for row in rows[at:at + 10000]) + "\\n")
label = rows[:5000, 0] + rows[:5000, 1] ** 2
settings = {{"max_depth": 6, "eta": 0.3, "nthread": 2}}
model = xgboost.train(settings, xgboost.DMatrix(rows[:5000], label), 50)
model.save_model(folder / "xgboost-model.ubj")
"""
_PLAIN = """\
import os, sys
sys.modules["sklearn"] = None
import numpy as np, pandas, xgboost
model = xgboost.Booster()
model.load_model("xgboost-model.ubj")
rows = pandas.read_csv("rows.csv", header=None, dtype=np.float32).to_numpy()
answers = model.predict(xgboost.DMatrix(rows, nthread=os.cpu_count()), validate_features=False)
with open("plain.out", "w") as file:
    file.write("\\n".join(map(repr, answers.tolist())) + "\\n")
"""


def run() -> list[dict[str, object]]:
    """Seconds of both sides, and the speed of the transform in per cent of the script's."""
    times: dict[str, list[float]] = {"batch transform": [], "plain predict": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed([sys.executable, "-c", _MAKE, str(folder)], folder)
        with live(folder) as sandbox:
            _prepare(sandbox)
            for number in range(ROUNDS):
                times["batch transform"].append(_transform(sandbox, f"transform-{number}"))
                times["plain predict"].append(timed([sys.executable, "-c", _PLAIN], folder)[0])
            answer = sandbox.client("s3").get_object(Bucket=BUCKET, Key="out/rows.csv.out")["Body"].read()
            assert answer == (folder / "plain.out").read_bytes(), "the predictions differ"
    plain = min(times["plain predict"])
    return [
        {"side": side, "s": min(seconds), "speed, %": plain / min(seconds) * 100}
        for side, seconds in times.items()
    ]


def _prepare(sandbox: Live) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(sandbox.folder / "xgboost-model.ubj", "xgboost-model")
    s3 = sandbox.client("s3")
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=packed.getvalue())
    s3.upload_file(str(sandbox.folder / "rows.csv"), BUCKET, "in/rows.csv")
    container = {"Image": _IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"}
    sandbox.client("sagemaker").create_model(
        ModelName="bench", PrimaryContainer=container, ExecutionRoleArn=ROLE
    )


def _transform(sandbox: Live, name: str) -> float:
    sagemaker = sandbox.client("sagemaker")
    source: dict[str, Any] = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/"}}
    began = time.perf_counter()
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName="bench",
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out/", "AssembleWith": "Line"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
        BatchStrategy="MultiRecord",
        MaxConcurrentTransforms=2,
        MaxPayloadInMB=6,
    )
    while True:
        told = sagemaker.describe_transform_job(TransformJobName=name)
        if told["TransformJobStatus"] != "InProgress":
            break
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    assert told["TransformJobStatus"] == "Completed", told
    return seconds

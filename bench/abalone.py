"""The abalone pipeline end to end against its scripts run bare in sequence, with the same data and seed.

The bare side trains with the same hyper-parameters in a plain XGBoost script, which leaves out the same imports as
Ropeway's trainer. Both test errors must agree. Rounds alternate, each on a fresh sandbox; the best of each side counts.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path

from bench.cold import ROPEWAY, sandbox, timed

EXAMPLE = Path(__file__).parents[1] / "examples" / "abalone"
BUCKET = "bench-abalone"
ROUNDS = 2
UPLOAD = f"""\
import sys, boto3
s3 = boto3.client("s3")
place = {{"LocationConstraint": s3.meta.region_name}}
s3.create_bucket(Bucket="{BUCKET}", CreateBucketConfiguration=place)
s3.upload_file(sys.argv[1], "{BUCKET}", "data/abalone-dataset.csv")
"""
MSE = """\
import boto3
sagemaker = boto3.client("sagemaker")
newest = sagemaker.list_model_packages(ModelPackageGroupName="abalone")["ModelPackageSummaryList"][0]
package = sagemaker.describe_model_package(ModelPackageName=newest["ModelPackageArn"])
print(package["CustomerMetadataProperties"]["mse"])
"""
TRAIN = """\
import json, sys, tarfile
sys.modules["sklearn"] = sys.modules["pandas"] = None  # as Ropeway's trainer does: it saves a second of imports
import numpy as np, xgboost as xgb
from pathlib import Path
root = Path(sys.argv[1])
settings = json.loads(sys.argv[2])
rounds = int(settings.pop("num_round"))
def read(name):
    rows = np.loadtxt(root / name / f"{name}.csv", delimiter=",")
    return xgb.DMatrix(rows[:, 1:], rows[:, 0])
train, validation = read("train"), read("validation")
model = xgb.train(settings, train, rounds, evals=[(train, "train"), (validation, "validation")], verbose_eval=False)
model.save_model("xgboost-model.ubj")
(root / "model").mkdir()
with tarfile.open(root / "model" / "model.tar.gz", "w:gz") as archive:
    archive.add("xgboost-model.ubj", "xgboost-model")
"""


def run() -> list[dict[str, object]]:
    """Seconds of both sides and their ratio."""
    rounds = [_round() for _ in range(ROUNDS)]
    bare = min(bare for _, _, bare, _ in rounds)
    cold = min(start + whole for start, whole, _, _ in rounds)
    warm = min(whole for _, whole, _, _ in rounds)
    error = rounds[0][3]
    return [
        {"side": "ropeway, with the sandbox's start", "s": cold, "ratio": cold / bare, "MSE": error},
        {"side": "ropeway, without", "s": warm, "ratio": warm / bare, "MSE": error},
        {"side": "bare scripts", "s": bare, "ratio": 1.0, "MSE": error},
    ]


def _round() -> tuple[float, float, float, float]:
    """Seconds of the sandbox's start, of the pipeline, and of the bare scripts; the error of both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed([sys.executable, str(EXAMPLE / "data.py"), str(folder / "data")], folder)
        data = folder / "data" / "abalone-dataset.csv"
        with sandbox(folder) as start:
            within = [ROPEWAY, "sandbox", "run", "--", sys.executable, "-c"]
            timed([*within, UPLOAD, str(data)], folder)
            source, here = str(EXAMPLE / "train.py"), f"InputDataUrl=s3://{BUCKET}/data/"
            whole, _ = timed([ROPEWAY, "pipeline", "run", source, "-p", here], folder)
            error = float(timed([*within, MSE], folder)[1])
        bare, expected = _bare(folder, data)
    assert math.isclose(error, expected, rel_tol=1e-3), (
        f"Ropeway's MSE is {error}, the scripts' is {expected}"
    )
    return start, whole, bare, error


def _bare(folder: Path, data: Path) -> tuple[float, float]:
    sys.path.insert(0, str(EXAMPLE))
    from train import HYPERPARAMETERS  # type: ignore[import-not-found] # noqa: PLC0415 - the example is no package

    root = folder / "bare"
    (root / "input").mkdir(parents=True)
    (root / "input" / data.name).write_bytes(data.read_bytes())
    for script in ("preprocess", "evaluate"):
        text = (EXAMPLE / "scripts" / f"{script}.py").read_text(encoding="utf-8")
        (folder / f"{script}.py").write_text(text.replace("/opt/ml/processing", str(root)), encoding="utf-8")
    seconds = timed([sys.executable, "preprocess.py"], folder)[0]
    seconds += timed([sys.executable, "-c", TRAIN, str(root), json.dumps(HYPERPARAMETERS)], folder)[0]
    seconds += timed([sys.executable, "evaluate.py"], folder)[0]
    report = json.loads((root / "evaluation" / "evaluation.json").read_text(encoding="utf-8"))
    return seconds, float(report["regression_metrics"]["mse"]["value"])

"""How the model answers: fill gaps as in training, then predict. Travels inside model.tar.gz.

In:  text/csv, a row per finding: BIRADS,Age,Shape,Margin,Density; a gap is "?" or empty
Out: text/csv, a row per finding: the probability of malignancy
"""

import io
import json
from pathlib import Path

import numpy as np
import xgboost as xgb

CONTENT_TYPE = "text/csv"


def model_fn(model_dir):
    booster = xgb.Booster()
    booster.load_model(str(Path(model_dir) / "xgboost-model"))
    imputer = json.loads((Path(model_dir) / "imputer.json").read_text())
    medians = np.array([imputer["medians"][name] for name in imputer["features"]])
    return booster, medians


def input_fn(body, content_type):
    if content_type.split(";")[0] != CONTENT_TYPE:
        raise ValueError(f"this model reads {CONTENT_TYPE}, not {content_type}")
    text = body.decode("utf-8") if isinstance(body, (bytes, bytearray)) else body
    return np.genfromtxt(io.StringIO(text), delimiter=",", missing_values="?", ndmin=2)


def predict_fn(rows, model):
    booster, medians = model
    if rows.shape[1] != len(medians):
        raise ValueError(f"a row has {len(medians)} features, not {rows.shape[1]}")
    return booster.predict(xgb.DMatrix(np.where(np.isnan(rows), medians, rows)))


def output_fn(scores, accept):
    return "\n".join(f"{score:.6f}" for score in scores) + "\n", CONTENT_TYPE

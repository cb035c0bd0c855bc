"""How the model answers: fill gaps as in training, then predict. Travels inside model.tar.gz.

In:  text/csv, a row per finding: BIRADS,Age,Shape,Margin,Density; a gap is "?" or empty; the header may come first
Out: text/csv, a row per finding: the probability of malignancy; the header is answered by one
"""

import json
from pathlib import Path

import numpy as np
import xgboost as xgb

CONTENT_TYPE = "text/csv"
GAPS = {"", "?"}
ANSWER = "probability"


def model_fn(model_dir):
    booster = xgb.Booster()
    booster.load_model(str(Path(model_dir) / "xgboost-model"))
    imputer = json.loads((Path(model_dir) / "imputer.json").read_text())
    return booster, imputer["features"], imputer["medians"]


def input_fn(body, content_type):
    if content_type.split(";")[0] != CONTENT_TYPE:
        raise ValueError(f"this model reads {CONTENT_TYPE}, not {content_type}")
    text = body.decode("utf-8") if isinstance(body, (bytes, bytearray)) else body
    return [[cell.strip() for cell in line.split(",")] for line in text.splitlines() if line.strip()]


def predict_fn(rows, model):
    booster, features, medians = model
    headed = bool(rows) and rows[0] == features
    values = [numbers(row, features, medians) for row in rows[headed:]]
    scores = booster.predict(xgb.DMatrix(np.array(values))) if values else np.array([])
    return ([ANSWER] if headed else []) + [f"{score:.6f}" for score in scores]


def output_fn(answers, accept):
    return "\n".join(answers) + "\n", CONTENT_TYPE


def numbers(row, features, medians):
    if len(row) != len(features):
        raise ValueError(f"a row has {len(features)} features, not {len(row)}")
    try:
        return [
            medians[name] if cell in GAPS else float(cell) for name, cell in zip(features, row, strict=True)
        ]
    except ValueError as error:
        raise ValueError(f"{','.join(row)}: {error}") from None

"""Serves model.json: multiplies each line's first column."""

import json
from pathlib import Path

from rounding import rounded


def model_fn(model_dir):
    return json.loads(Path(model_dir, "model.json").read_text())


def input_fn(body, content_type):
    return [float(line.split(",")[0]) for line in body.splitlines() if line]


def predict_fn(data, model):
    return [rounded(model["slope"] * value) for value in data]


def output_fn(prediction, accept):
    return "".join(f"{value}\n" for value in prediction), accept

"""Script mode: reads SM_* variables and arguments, writes a model and a file beside it."""

import argparse
import json
import os
from pathlib import Path

from slope import fit

parser = argparse.ArgumentParser()
parser.add_argument("--factor", type=float, default=1.0)
parser.add_argument("--name", default="")
parser.add_argument("--fail", default="")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
arguments, _ = parser.parse_known_args()
if arguments.fail:
    raise ValueError(arguments.fail)

files = sorted(Path(os.environ["SM_CHANNEL_TRAIN"]).rglob("*.csv"))
model = {"slope": fit(files) * arguments.factor, "name": arguments.name}
Path(arguments.model_dir, "model.json").write_text(json.dumps(model))
Path(os.environ["SM_OUTPUT_DATA_DIR"], "seen.json").write_text(json.dumps(json.loads(os.environ["SM_HPS"])))
print(f"slope={model['slope']:.3f};")

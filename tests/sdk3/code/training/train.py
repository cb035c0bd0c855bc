"""Fits a line to a table whose label is first, by hand; writes what it was given beside the model."""

import argparse
import csv
import json
import os
from pathlib import Path

from beside import slope

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=1)
parser.add_argument("--fail", type=str, default="")
arguments = parser.parse_args()
if arguments.fail:
    raise RuntimeError(arguments.fail)

rows = []
for path in sorted(Path(os.environ["SM_CHANNEL_TRAIN"]).glob("*.csv")):
    with path.open() as file:
        rows += [[float(value) for value in row] for row in csv.reader(file)]
fitted = slope([row[1] for row in rows], [row[0] for row in rows])
model = Path(os.environ["SM_MODEL_DIR"])
(model / "model.json").write_text(
    json.dumps({"slope": fitted, "rounds": arguments.rounds, "own": os.environ.get("OWN")})
)
print(f"rows={len(rows)}; loss={abs(arguments.rounds - 3)};")

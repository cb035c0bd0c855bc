"""Counts the lines of what it is given, by a module beside it."""

import argparse
from pathlib import Path

from counting import lines

parser = argparse.ArgumentParser()
parser.add_argument("--unit")
arguments = parser.parse_args()
print(sum(lines(path) for path in Path("/opt/ml/processing/input/raw").iterdir()), arguments.unit)

"""A FrameworkProcessor's script: imports a module beside it and a package of its requirements."""

import json
import sys
from pathlib import Path

import tinydb
from beside import answer

output = Path("/opt/ml/processing/output")
output.mkdir(parents=True, exist_ok=True)
(output / "found.json").write_text(
    json.dumps({"answer": answer(), "tinydb": tinydb.__version__, "arguments": sys.argv[1:]})
)

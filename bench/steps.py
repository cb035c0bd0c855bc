"""Five processing steps that do next to nothing, one after the other: Ropeway against bare processes.

Ropeway is timed from the first command to the finished execution: with the sandbox's start (cold), and on a running
sandbox (warm). Each step hands the next a number, so both sides must end with the same one.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench.cold import ROPEWAY, sandbox, timed

STEPS = 5
SCRIPT = """\
from pathlib import Path
root = Path("/opt/ml/processing")
before = root / "input" / "number.txt"
number = int(before.read_text()) if before.exists() else 0
(root / "output").mkdir(parents=True, exist_ok=True)
(root / "output" / "number.txt").write_text(str(number + 1))
print("number", number + 1)
"""
MODULE = f"""\
from pathlib import Path
from ropeway.pipelines import Input, Output, Pipeline, ProcessingStep
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
def get_pipeline(region, role, default_bucket, pipeline_name="five"):
    steps = []
    for number in range({STEPS}):
        inputs = [Input(steps[-1].output("output"), "/opt/ml/processing/input")] if steps else []
        steps.append(ProcessingStep(f"Step{{number}}", image=IMAGE, code=Path(__file__).parent / "count.py",
            inputs=inputs, outputs=[Output("output")]))
    return Pipeline(pipeline_name, steps=steps, bucket=default_bucket, role=role, region=region)
"""


def run() -> list[dict[str, object]]:
    """Seconds of each side, and Ropeway's extra per step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "count.py").write_text(SCRIPT)
        (folder / "five.py").write_text(MODULE)
        with sandbox(folder) as start:
            cold, told = timed([ROPEWAY, "pipeline", "run", "five.py", "--output", "json"], folder)
            execution = json.loads(told)
            assert len(execution["steps"]) == STEPS
            last = timed([ROPEWAY, "pipeline", "logs", execution["arn"]], folder)[1]
            assert f"number {STEPS}" in last, last
            warm, _ = timed([ROPEWAY, "pipeline", "run", "five.py"], folder)
        bare = _bare(folder)
    return [
        {"side": "ropeway, cold", "s": start + cold, "over bare, s per step": (start + cold - bare) / STEPS},
        {"side": "ropeway, warm", "s": warm, "over bare, s per step": (warm - bare) / STEPS},
        {"side": "bare processes", "s": bare, "over bare, s per step": 0.0},
    ]


def _bare(folder: Path) -> float:
    root = folder / "bare"
    script = folder / "bare.py"
    script.write_text(SCRIPT.replace("/opt/ml/processing", str(root)))
    seconds = 0.0
    for number in range(STEPS):
        took, told = timed([sys.executable, str(script)], folder)
        assert told == f"number {number + 1}\n"
        (root / "input").mkdir(exist_ok=True)
        (root / "output" / "number.txt").replace(root / "input" / "number.txt")
        seconds += took
    return seconds

"""Five processing steps that do next to nothing, one after the other: Ropeway, bare processes, Metaflow.

Each step hands the next a number, so all sides must end with the same one. Ropeway is timed three times: from the first
command to the finished execution with the sandbox's start (cold), on a running sandbox (warm), and by the API alone,
from StartPipelineExecution to the end, which is what the engine takes. Metaflow runs in an environment of its own,
with its local data store. Rounds alternate; the best of each side counts.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from bench.cold import ROPEWAY, timed
from bench.environment import python_with
from bench.live import live

STEPS = 5
ROUNDS = 3
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
_NAMES = ("start", *(f"step{number}" for number in range(2, STEPS)), "end")
_FLOW_STEP = """\
    @step
    def {name}(self):
        self.number = getattr(self, "number", 0) + 1
        print("number", self.number)
{after}
"""
FLOW = (
    "from metaflow import FlowSpec, step\nclass FiveFlow(FlowSpec):\n"
    + "".join(
        _FLOW_STEP.format(name=name, after=f"        self.next(self.{after})" if after else "")
        for name, after in zip(_NAMES, (*_NAMES[1:], ""), strict=True)
    )
    + "if __name__ == '__main__':\n    FiveFlow()\n"
)


def run() -> list[dict[str, object]]:
    """Seconds of each side, and what a step takes longer than bare, in milliseconds."""
    metaflow = str(python_with("metaflow"))
    rounds = [_round(metaflow) for _ in range(ROUNDS)]
    least = {side: min(times[side] for times in rounds) for side in rounds[0]}
    bare = least["bare processes"]
    return [
        {"side": side, "s": seconds, "over bare, ms per step": (seconds - bare) / STEPS * 1000}
        for side, seconds in least.items()
    ]


def _round(metaflow: str) -> dict[str, float]:
    times = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "count.py").write_text(SCRIPT)
        (folder / "five.py").write_text(MODULE)
        (folder / "flow.py").write_text(FLOW)
        with live(folder) as sandbox:
            cold, told = timed([ROPEWAY, "pipeline", "run", "five.py", "--output", "json"], folder)
            execution = json.loads(told)
            assert len(execution["steps"]) == STEPS
            assert f"number {STEPS}" in timed([ROPEWAY, "pipeline", "logs", execution["arn"]], folder)[1]
            times["Ropeway, cold"] = sandbox.start + cold
            times["Ropeway, warm"] = timed([ROPEWAY, "pipeline", "run", "five.py"], folder)[0]
            times["Ropeway, API alone"] = min(sandbox.run_again("five", STEPS) for _ in range(3))
        times["bare processes"] = _bare(folder)
        times["Metaflow"] = _metaflow(metaflow, folder)
    return times


def _bare(folder: Path) -> float:
    root = folder / "bare"
    script = folder / "bare.py"
    script.write_text(SCRIPT.replace("/opt/ml/processing", str(root)))
    seconds = 0.0
    for number in range(STEPS):
        took, told = timed([_python(), str(script)], folder)
        assert told == f"number {number + 1}\n"
        (root / "input").mkdir(exist_ok=True)
        (root / "output" / "number.txt").replace(root / "input" / "number.txt")
        seconds += took
    return seconds


def _metaflow(python: str, folder: Path) -> float:
    env = {"USERNAME": "bench", "METAFLOW_HOME": str(folder), "HOME": str(folder), "PATH": os.environ["PATH"]}
    seconds, told = timed([python, "flow.py", "run"], folder, env)
    assert f"number {STEPS}" in told, told
    return seconds


def _python() -> str:
    """The interpreter that the sandbox's jobs run by default."""
    return str(Path(ROPEWAY).parent / "python")

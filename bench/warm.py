"""A function with ``@step`` of the SageMaker SDK: the first of a sandbox, later ones, and without a warm process.

Runs in the environment of ``make test-sdk2``, which must be there. The function's result is checked each time. The
time of a step is the one that the sandbox tells, from its start to its end; the best of the later ones counts.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from bench.cold import ROPEWAY, timed

_PYTHON = Path(__file__).parents[1] / ".venv-sdk2" / "bin" / "python"
_PROGRAM = Path(__file__).parent / "programs" / "step_functions.py"
COUNT = 6


def run() -> list[dict[str, object]]:
    """Seconds of a step."""
    if not _PYTHON.exists():
        raise RuntimeError("this needs the SageMaker SDK: run make test-sdk2 once")
    warm, cold = _times("1"), _times("0")
    return [
        {"step": "first, starts the warm process", "s": warm[0]},
        {"step": "later, warm", "s": min(warm[1:])},
        {"step": "later, without (ROPEWAY_WARM=0)", "s": min(cold[1:])},
    ]


def _times(warm: str) -> list[float]:
    env = {**os.environ, "ROPEWAY_WARM": warm, "PIP_NO_INDEX": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed([ROPEWAY, "sandbox", "start", "--port", "0"], folder, env)
        try:
            command = [ROPEWAY, "sandbox", "run", "--", str(_PYTHON), str(_PROGRAM), str(COUNT)]
            told = timed(command, folder, env)[1]
        finally:
            timed([ROPEWAY, "sandbox", "stop"], folder)
    times: list[float] = json.loads(told.splitlines()[-1])
    return times

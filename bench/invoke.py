"""How long a Lambda function takes to be called when its worker is warm, beside a call that runs no function."""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from bench.cold import timed
from bench.live import ROLE, live, median

ROUNDS = 200
_CODE = """\
import time

def handler(event, context):
    began = time.perf_counter()
    total = sum(event["numbers"])
    return {"total": total, "seconds": time.perf_counter() - began}
"""


def run() -> list[dict[str, object]]:
    """Medians in milliseconds; the answer is checked at every call."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", _CODE)
    with tempfile.TemporaryDirectory() as folder, live(Path(folder)) as sandbox:
        client = sandbox.client("lambda")
        client.create_function(
            FunctionName="adds",
            Runtime=f"python3.{sys.version_info.minor}",
            Role=ROLE,
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
        )
        own: list[float] = []

        def invoke() -> None:
            answer = client.invoke(FunctionName="adds", Payload=json.dumps({"numbers": [1, 2, 3]}))
            told = json.loads(answer["Payload"].read())
            assert told["total"] == 6, told
            own.append(told["seconds"])

        began = time.perf_counter()
        invoke()
        cold = time.perf_counter() - began
        warm = median(invoke, ROUNDS)
        plain = median(lambda: client.get_function_configuration(FunctionName="adds"), ROUNDS)
    bare = min(timed([sys.executable, "-c", "pass"], Path.cwd())[0] for _ in range(5))
    return [
        {
            "first invoke ms": cold * 1000,
            "warm invoke ms": warm * 1000,
            "handler's own ms": sorted(own)[len(own) // 2] * 1000,
            "GetFunctionConfiguration ms": plain * 1000,
            "python -c pass ms": bare * 1000,
            "warm / python -c pass": warm / bare,
        }
    ]

"""Workers end with whoever started them, however that ended."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

_PARENT = """
import os, pathlib, sys, threading
sys.path[:0] = [sys.argv[1]]
from ropeway.sandbox.runners.lambda_worker import Launch, Worker
folder = pathlib.Path(sys.argv[2])
names = ("FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "LOG_GROUP_NAME", "LOG_STREAM_NAME")
environment = {f"AWS_LAMBDA_{name}": "1" for name in names}
environment |= {"LAMBDA_TASK_ROOT": str(folder), "_HANDLER": "app.handler"}
worker = Worker(Launch(sys.executable, environment, folder, folder / "tmp", "s", 60.0, 128, "note"))
threading.Thread(target=worker.run, args=("1", "arn", None), daemon=True).start()
print(worker.pid, flush=True)
sys.stdin.read()
"""


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize(
    "source", ["import time\ndef handler(e, c): time.sleep(60)", "def handler(e, c): return 1"]
)
def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path, source: str) -> None:
    (tmp_path / "app.py").write_text(source, encoding="utf-8")
    root = Path(__file__).parents[3] / "src"
    command = [sys.executable, "-c", _PARENT, str(root), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.3)  # until the handler runs, or has returned
        assert not _ended(pid)
        parent.kill()
    for _ in range(200):
        if _ended(pid):
            break
        time.sleep(0.02)
    assert _ended(pid)

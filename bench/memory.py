"""Resident memory of the server: just started, after some calls to every part of it, and with 50 executions at once.

What the 50 executions run (a process each, ``sleep``) is not the server's; how many ran at once is told, too.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.fanout import step
from bench.live import ROLE, Live, live

EXECUTIONS = 50
_SECONDS = 0.2


def run() -> list[dict[str, object]]:
    """A row per moment."""
    with tempfile.TemporaryDirectory() as name, live(Path(name)) as sandbox:
        rows: list[dict[str, object]] = [{"moment": "idle", "MB": resident(sandbox.pid)}]
        _touch(sandbox)
        rows.append({"moment": "after calls to S3, SageMaker, IAM, logs", "MB": resident(sandbox.pid)})
        highest, most = _executions(sandbox)
        rows.append({"moment": f"{EXECUTIONS} executions at once", "MB": highest, "processes at once": most})
        time.sleep(2)
        rows.append({"moment": "2 s after them", "MB": resident(sandbox.pid)})
    return rows


def resident(pid: int) -> float:
    """Megabytes that a process holds in memory."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return float("nan")


def _touch(sandbox: Live) -> None:
    sandbox.client("s3").list_buckets()
    sandbox.client("sagemaker").list_pipelines()
    sandbox.client("iam").list_roles()
    sandbox.client("logs").describe_log_groups()
    sandbox.run_pipeline("touch", [step("Only")])


def _executions(sandbox: Live) -> tuple[float, int]:
    """The highest memory and number of jobs' processes while they run."""
    sagemaker = sandbox.client("sagemaker")
    steps = [_sleep("One"), _sleep("Two", "One")]
    text = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps})
    sagemaker.create_pipeline(
        PipelineName="many", PipelineDefinition=text, ClientRequestToken="m" * 32, RoleArn=ROLE
    )
    for _ in range(EXECUTIONS):
        sagemaker.start_pipeline_execution(PipelineName="many")
    over = threading.Event()
    seen: list[tuple[float, int]] = []

    def look() -> None:
        while not over.wait(0.05):
            seen.append((resident(sandbox.pid), _sleepers(sandbox)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        while _going(sagemaker):
            time.sleep(0.1)
    finally:
        over.set()
        watcher.join()
    ended = sagemaker.list_pipeline_executions(PipelineName="many", MaxResults=100)[
        "PipelineExecutionSummaries"
    ]
    assert [one["PipelineExecutionStatus"] for one in ended] == ["Succeeded"] * EXECUTIONS
    return max(memory for memory, _ in seen), max(count for _, count in seen)


def _going(sagemaker: Any) -> bool:
    listed = sagemaker.list_pipeline_executions(PipelineName="many", MaxResults=100)
    return any(one["PipelineExecutionStatus"] == "Executing" for one in listed["PipelineExecutionSummaries"])


def _sleep(name: str, *before: str) -> dict[str, Any]:
    made = step(name, *before)
    made["Arguments"]["AppSpecification"]["ContainerEntrypoint"] = ["/bin/sleep", str(_SECONDS)]
    return made


def _sleepers(sandbox: Live) -> int:
    """Processes that the sandbox's jobs run."""
    mark = f"ROPEWAY_SPAWNER={sandbox.folder}".encode()
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                count += mark in (entry / "environ").read_bytes()
            except OSError:
                continue
    return count

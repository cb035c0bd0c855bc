"""Fan-out: one step, then 50 or 500 that depend on it and do nothing. What a step costs must not grow with them.

Every step is a processing job with a process of its own. Rounds alternate on one sandbox; the best of each counts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bench.live import ROLE, live

SIZES = (50, 500)
ROUNDS = 2
_IMAGE = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/python:3"


def run() -> list[dict[str, object]]:
    """A row per size: seconds, milliseconds per step, and that against the smaller size."""
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    used: dict[int, list[float]] = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory() as folder, live(Path(folder)) as sandbox:
        sandbox.run_pipeline("warm-up", steps(1))
        for number in range(ROUNDS):
            for size in SIZES:
                name = f"fan-{size}-{number}"
                before = sandbox.processor_seconds()
                times[size].append(sandbox.run_pipeline(name, steps(size)))
                used[size].append(sandbox.processor_seconds() - before)
    each = {size: min(times[size]) / (size + 1) * 1000 for size in SIZES}
    return [
        {
            "steps": size,
            "s": min(times[size]),
            "ms per step": each[size],
            "ratio": each[size] / each[SIZES[0]],
            "server's processor, ms per step": min(used[size]) / (size + 1) * 1000,
        }
        for size in SIZES
    ]


def steps(count: int) -> list[Any]:
    """A root and so many leaves."""
    return [step("Root"), *(step(f"Leaf{number}", "Root") for number in range(count))]


def step(name: str, *before: str) -> dict[str, Any]:
    """A processing step that does nothing."""
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    return {
        "Name": name,
        "Type": "Processing",
        "DependsOn": list(before),
        "Arguments": {
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": _IMAGE, "ContainerEntrypoint": ["/bin/true"]},
            "ProcessingResources": {"ClusterConfig": cluster},
        },
    }

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.runners.tuning import LoggedMetrics, Watch

LOG = """[0]#011train-rmse:2.5#011validation-rmse:3.5
score=1.5 loss=9
[1]#011train-rmse:2.0#011validation-rmse:3.0
score=oops
score=0.5
"""


def job(*definitions: tuple[str, str]) -> Job:
    metrics = [{"Name": name, "Regex": regex} for name, regex in definitions]
    request: dict[str, Any] = {"AlgorithmSpecification": {"MetricDefinitions": metrics}}
    return Job(Kind.TRAINING, "111111111111", "eu-west-1", "fit", request, "InProgress", 0.0, 0.0)


@pytest.mark.parametrize(
    ("definitions", "metric", "values"),
    [
        ([("score", "score=(\\S+)")], "score", [1.5, 0.5]),
        ([("score", "score=")], "score", []),
        ([("score", "(")], "score", []),
        ([], "validation:rmse", [3.5, 3.0]),
        ([], "validation:auc", []),
    ],
)
def test_every_printed_value_is_found_in_order(
    tmp_path: Path, definitions: list[tuple[str, str]], metric: str, values: list[float]
) -> None:
    folder = tmp_path / "jobs" / "111111111111" / "eu-west-1" / "training-job" / "fit"
    folder.mkdir(parents=True)
    metrics = LoggedMetrics(tmp_path)
    assert metrics.values(job(*definitions), metric) == []
    (folder / "output.log").write_text(LOG, encoding="utf-8")
    assert metrics.values(job(*definitions), metric) == values


def test_a_watch_looks_while_there_is_something_and_sleeps_then() -> None:
    looks: list[int] = []
    seen = threading.Semaphore(0)

    def look() -> bool:
        looks.append(len(looks))
        seen.release()
        return len(looks) in {1, 2}

    watch = Watch(seconds=0.001)
    watch.start(look)
    try:
        assert looks == []
        watch.wake()
        for _ in range(3):
            assert seen.acquire(timeout=10)
        watch.wake()
        assert seen.acquire(timeout=10)
        assert looks == [0, 1, 2, 3]
    finally:
        watch.close()


def test_a_look_that_fails_is_followed_by_another(caplog: pytest.LogCaptureFixture) -> None:
    seen = threading.Semaphore(0)

    def look() -> bool:
        seen.release()
        raise ValueError("once")

    watch = Watch(seconds=0.001)
    watch.start(look)
    watch.wake()
    try:
        assert seen.acquire(timeout=10)
        assert seen.acquire(timeout=10)
    finally:
        watch.close()
    assert "could not be looked after" in caplog.text


def test_a_watch_that_never_began_is_closed_all_the_same() -> None:
    Watch().close()

"""Log lines reach CloudWatch once, in order and within its limits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.runners.joblog import JobLog, batches
from ropeway.sandbox.runners.metrics import final_metrics, implicit_metrics
from ropeway.values.clock import SystemClock
from tests.fakes.jobs import RecordedPeers


def log_over(path: Path, peers: RecordedPeers) -> JobLog:
    where = {"account": "111111111111", "region": "eu-west-1", "group": "/g", "stream": "s"}
    return JobLog(path, peers, SystemClock(), **where)


def test_a_line_without_its_end_waits_until_the_job_has_ended(tmp_path: Path) -> None:
    peers = RecordedPeers()
    log = log_over(tmp_path / "output.log", peers)
    log.path.write_text("one\ntw", encoding="utf-8")
    log.ship()
    assert peers.messages == ["one"]
    log.path.write_text("one\ntwo", encoding="utf-8")
    log.ship(everything=True)
    assert peers.messages == ["one", "two"]


def test_after_a_restart_nothing_is_sent_twice(tmp_path: Path) -> None:
    peers = RecordedPeers()
    first = log_over(tmp_path / "output.log", peers)
    first.write("one")
    first.ship()
    second = log_over(tmp_path / "output.log", peers)
    second.write("two")
    second.ship()
    assert peers.messages == ["one", "two"]


def test_a_job_without_output_makes_no_calls(tmp_path: Path) -> None:
    peers = RecordedPeers()
    log_over(tmp_path / "output.log", peers).ship(everything=True)
    assert peers.calls == []


class NoGroups(RecordedPeers):
    """Refuses streams until there is a group."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        made = any(name == "logs:CreateLogGroup" for name, _ in self.calls)
        super().call(service, operation, params, account=account, region=region)
        if operation == "CreateLogStream" and not made:
            raise DomainError("no group", code="ResourceNotFoundException", status=400)
        return {}


def test_a_group_is_made_only_when_there_is_none(tmp_path: Path) -> None:
    for peers, names in (
        (RecordedPeers(), ["CreateLogStream", "PutLogEvents"]),
        (NoGroups(), ["CreateLogStream", "CreateLogGroup", "CreateLogStream", "PutLogEvents"]),
    ):
        log = log_over(tmp_path / str(len(names)) / "output.log", peers)
        log.write("one")
        log.ship()
        assert [name for name, _ in peers.calls] == [f"logs:{name}" for name in names]
        assert peers.messages == ["one"]


def test_batches_keep_the_limits_of_the_api() -> None:
    many = list(batches(["x"] * 20_001))
    assert [len(batch) for batch in many] == [10_000, 10_000, 1]
    large = list(batches(["é" * 60_000] * 20))
    assert all(sum(len(message.encode()) + 26 for message in batch) <= 1_048_576 for batch in large)
    assert sum(len(batch) for batch in large) == 20


def test_a_line_that_is_too_long_is_cut_up() -> None:
    line = "é" * 300_000
    (batch, *rest) = list(batches([line]))
    messages = [*batch, *(message for more in rest for message in more)]
    assert "".join(messages) == line
    assert max(len(message.encode()) for message in messages) <= 256 * 1024 - 26


def test_the_last_value_of_a_metric_is_the_final_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("loss=1.5\nother\nloss=1e-2 x\nloss=abc\n", encoding="utf-8")
    found = final_metrics(
        log, {"loss": r"loss=(\S+)", "broken": "(", "absent": "nothing=(.*)", "bare": "loss"}
    )
    assert found == {"loss": 0.01}


def test_xgboost_s_rounds_are_metrics_without_definitions(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "[0]#011train-rmse:2.0#011validation-rmse:3.0\n[1]#011train-rmse:1.5#011validation-rmse:2.5\n"
        "unrelated train-rmse:9\n",
        encoding="utf-8",
    )
    assert implicit_metrics(log) == {"train:rmse": 1.5, "validation:rmse": 2.5}

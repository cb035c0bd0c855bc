"""Logs that the sandbox writes itself: as those that come by HTTP, whether moto is needed yet or not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.moto import Moto, loglines, recording
from ropeway.sandbox.edge.outgoing import request_of
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.journal import SqliteJournal

WHERE = {"account": "111111111111", "region": "eu-west-1"}
GROUP, STREAM = {"logGroupName": "/jobs"}, {"logGroupName": "/jobs", "logStreamName": "one/algo-1"}


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "journal.sqlite", schema="journal_migrations")
    yield database
    database.close()


def put(moto: Moto, *texts: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": text} for text in texts]
    moto.call("logs", "PutLogEvents", {**STREAM, "logEvents": events}, **WHERE)


def lines(moto: Moto) -> list[str]:
    told = moto.call("logs", "GetLogEvents", {**STREAM, "startFromHead": True}, **WHERE)
    return [event["message"] for event in told["events"]]


def loaded(moto: Moto) -> bool:
    return moto._application is not None


def test_lines_written_before_anybody_asks_are_there_when_somebody_does(past: Database) -> None:
    moto = Moto(SqliteJournal(past))
    moto.call("logs", "CreateLogStream", STREAM, **WHERE)
    put(moto, "first", "second")
    assert not loaded(moto)
    assert lines(moto) == ["first", "second"]
    assert loaded(moto)
    put(moto, "third")
    assert lines(moto) == ["first", "second", "third"]
    moto.close()


def test_they_are_there_after_a_restart_once(past: Database) -> None:
    first = Moto(SqliteJournal(past))
    first.call("logs", "CreateLogStream", STREAM, **WHERE)
    put(first, "early")
    assert lines(first) == ["early"]
    put(first, "late")
    first.close()
    second = Moto(SqliteJournal(past))
    put(second, "next")
    assert lines(second) == ["early", "late", "next"]
    second.close()


def test_a_log_that_is_gone_or_there_is_told_once_moto_is_there(past: Database) -> None:
    moto = Moto(SqliteJournal(past))
    moto.call("logs", "DescribeLogGroups", {}, **WHERE)
    with pytest.raises(DomainError) as missing:
        put(moto, "nowhere")
    assert missing.value.code == "ResourceNotFoundException"
    moto.call("logs", "CreateLogGroup", GROUP, **WHERE)
    with pytest.raises(DomainError) as there:
        moto.call("logs", "CreateLogGroup", GROUP, **WHERE)
    assert (there.value.code, there.value.status) == ("ResourceAlreadyExistsException", 400)
    kept = [entry.operation for entry in SqliteJournal(past).entries()]
    assert kept == ["DescribeLogGroups", "CreateLogGroup"]  # a service's first call is kept, even if it reads
    moto.close()


@pytest.mark.parametrize("operation", ["CreateLogGroup", "CreateLogStream", "PutLogEvents"])
def test_the_journal_keeps_them_as_it_keeps_what_comes_by_http(operation: str) -> None:
    params: dict[str, Any] = GROUP if operation == "CreateLogGroup" else dict(STREAM)
    if operation == "PutLogEvents":
        params["logEvents"] = [{"timestamp": 1, "message": "text ü"}]
    request = request_of("logs", operation, params, access_key=WHERE["account"], region=WHERE["region"])
    by_http = recording.entry_of(request, "logs", operation, WHERE["account"], 7)
    straight = loglines.entry_of(operation, params, seed=7, **WHERE)
    assert json.loads(straight.body) == json.loads(by_http.body)
    assert {**straight.headers, "host": ""} == {**by_http.headers, "host": ""}
    assert replace(straight, body=b"", headers={}) == replace(by_http, body=b"", headers={})


def test_a_call_that_says_more_goes_by_http() -> None:
    assert loglines.takes("logs", "CreateLogGroup", GROUP)
    assert not loglines.takes("logs", "CreateLogGroup", {**GROUP, "tags": {"a": "b"}})
    assert not loglines.takes("logs", "DeleteLogGroup", GROUP)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ropeway.sandbox.domain.jobs.model import StepRef
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.tuning.model import Trial, Tuning
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.tuning import SqliteTunings

TUNING = Tuning(
    account="111111111111",
    region="eu-west-1",
    name="tune",
    request={"a": [1]},
    status="InProgress",
    seed=7,
    created=1.0,
    modified=1.0,
    tags=[{"Key": "k", "Value": "v"}],
    step=StepRef("arn:e", "Tune"),
)
TRIAL = Trial(TUNING.arn, 1, "tune-001-a", 0, {"x": "1"}, "Planned", 2.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTunings]:
    database = Database(tmp_path / "state.sqlite")
    yield SqliteTunings(database)
    database.close()


def test_what_is_kept_comes_back(store: SqliteTunings) -> None:
    store.add(TUNING)
    assert store.get(TUNING.arn) == TUNING
    ended = replace(
        TUNING, status="Failed", modified=3.0, ended=3.0, closing="no-metric", failure_reason="why"
    )
    store.update(ended)
    assert store.get(TUNING.arn) == ended
    assert store.unfinished() == []
    assert store.list("111111111111", "eu-west-1", Listing(equals={"status": "Failed"})).items == [ended]
    assert store.list("222222222222", "eu-west-1", Listing()).items == []


def test_trials_are_written_over_and_go_with_their_tuning_job(store: SqliteTunings) -> None:
    store.add(TUNING)
    second = replace(TRIAL, number=2, name="tune-002-b")
    for trial in (second, TRIAL):
        store.put_trial(trial)
    done = replace(TRIAL, status="Completed", started=3.0, ended=4.0, value=0.5, series=(1.0, 0.5))
    store.put_trial(done)
    assert store.trials(TUNING.arn) == [done, second]
    assert store.trial_of(TRIAL.arn) == done
    store.delete(TUNING.arn)
    assert store.get(TUNING.arn) is None
    assert store.trials(TUNING.arn) == []
    assert store.trial_of(TRIAL.arn) is None

"""The tables of a job's life, walked completely."""

from __future__ import annotations

import itertools

import pytest

from ropeway.sandbox.domain.jobs import lifecycle
from ropeway.sandbox.domain.jobs.model import Outcome

STATUSES = ("InProgress", "Stopping", "Completed", "Failed", "Stopped")
STATUS_EVENTS = ("stop", "completed", "failed", "stopped", "exceeded")
SECONDARIES = (
    "Starting",
    "Downloading",
    "Training",
    "Uploading",
    "Stopping",
    "Stopped",
    "MaxRuntimeExceeded",
    "Completed",
    "Failed",
)
PHASES = ("Downloading", "Training", "Uploading")


@pytest.mark.parametrize(("status", "event"), list(itertools.product(STATUSES, STATUS_EVENTS)))
def test_a_status_moves_as_the_table_says_and_not_otherwise(status: str, event: str) -> None:
    expected = lifecycle.STATUS.get((status, event))
    if expected is None:
        with pytest.raises(lifecycle.IllegalMoveError, match=status):
            lifecycle.next_status(status, event)
    else:
        assert lifecycle.next_status(status, event) == expected


@pytest.mark.parametrize(
    ("secondary", "event"), list(itertools.product(SECONDARIES, (*STATUS_EVENTS, *PHASES)))
)
def test_a_secondary_status_moves_as_the_table_says_and_not_otherwise(secondary: str, event: str) -> None:
    expected = lifecycle.SECONDARY.get((secondary, event))
    if expected is None:
        with pytest.raises(lifecycle.IllegalMoveError, match=secondary):
            lifecycle.next_secondary(secondary, event)
    else:
        assert lifecycle.next_secondary(secondary, event) == expected


@pytest.mark.parametrize(
    ("table", "states"), [(lifecycle.STATUS, STATUSES), (lifecycle.SECONDARY, SECONDARIES)]
)
def test_the_tables_know_no_other_states(table: dict[tuple[str, str], str], states: tuple[str, ...]) -> None:
    assert {state for state, _ in table} | set(table.values()) <= set(states)


@pytest.mark.parametrize("status", sorted(lifecycle.FINAL))
def test_nothing_happens_after_the_end(status: str) -> None:
    assert not [key for key in lifecycle.STATUS if key[0] == status]


def test_every_status_that_is_not_final_can_be_left_for_every_end() -> None:
    for status in set(STATUSES) - lifecycle.FINAL:
        ends = {lifecycle.next_status(status, event) for event in ("completed", "failed", "stopped")}
        assert ends == lifecycle.FINAL


@pytest.mark.parametrize("secondary", ["Starting", "Downloading", "Training", "Uploading", "Stopping"])
def test_a_training_job_can_end_in_every_phase(secondary: str) -> None:
    ends = {lifecycle.next_secondary(secondary, event) for event in STATUS_EVENTS[1:]}
    assert ends == {"Completed", "Failed", "Stopped", "MaxRuntimeExceeded"}


def test_a_job_out_of_time_is_stopped_whatever_its_outcome_is_called() -> None:
    event = lifecycle.end_event(Outcome("Stopped", secondary="MaxRuntimeExceeded"))
    assert (lifecycle.next_status("InProgress", event), lifecycle.next_secondary("Training", event)) == (
        "Stopped",
        "MaxRuntimeExceeded",
    )

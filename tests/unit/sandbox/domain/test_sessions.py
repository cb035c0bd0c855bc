"""Who stands behind a key."""

from __future__ import annotations

import pytest

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.sessions import DEFAULT_ACCOUNT, Session, Sessions
from ropeway.values.ids import RandomIds


class Clock:
    def __init__(self) -> None:
        self.time = 1_000.0

    def now(self) -> float:
        return self.time


class MemorySessions:
    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        self.sessions[session.access_key] = session

    def get(self, access_key: str) -> Session | None:
        return self.sessions.get(access_key)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(MemorySessions(), clock, RandomIds())


def test_no_key_is_anonymous(sessions: Sessions) -> None:
    assert sessions.caller("").anonymous


def test_trial_keys_are_the_default_account(sessions: Sessions) -> None:
    assert sessions.caller("test").account == DEFAULT_ACCOUNT


def test_an_issued_key_is_its_role_until_it_expires(sessions: Sessions, clock: Clock) -> None:
    session = sessions.assume("arn:aws:iam::222222222222:role/service-role/Train", "job", 60)
    caller = sessions.caller(session.access_key)
    assert caller.account == "222222222222"
    assert caller.arn == "arn:aws:sts::222222222222:assumed-role/Train/job"
    assert caller.role_arn == "arn:aws:iam::222222222222:role/Train"
    clock.time += 61
    with pytest.raises(DomainError) as caught:
        sessions.caller(session.access_key)
    assert caught.value.code == "ExpiredTokenException"


def test_the_same_role_has_the_same_id_and_another_has_another(sessions: Sessions) -> None:
    first = sessions.assume("arn:aws:iam::222222222222:role/Train", "a")
    again = sessions.assume("arn:aws:iam::222222222222:role/Train", "b")
    other = sessions.assume("arn:aws:iam::222222222222:role/Serve", "a")
    assert first.role_id == again.role_id
    assert first.role_id != other.role_id


@pytest.mark.parametrize(
    "arn", ["Train", "arn:aws:iam::222222222222:user/x", "arn:aws:iam::2:role/x", "arn:aws:s3:::b"]
)
def test_only_roles_are_assumed(sessions: Sessions, arn: str) -> None:
    with pytest.raises(Invalid):
        sessions.assume(arn, "job")

"""Who may act for a root: the role of the purpose, in the account that the description names."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ropeway.errors import AwsError, RopewayError, UsageError
from ropeway.infra.roots import Root, select
from ropeway.usecases.infra_access import admit
from tests.unit.config.examples import platform

PERSON = ("999999999999", "arn:aws:sts::999999999999:assumed-role/admin/kim")
CI = ("111111111111", "arn:aws:sts::111111111111:assumed-role/acme-retail-dev-apply/run")


@dataclass
class FakeDoors:
    """Sessions are pairs of account and ARN."""

    who: tuple[str, str]
    refusal: str = ""
    lands_in: str = "111111111111"
    taken: list[str] = field(default_factory=list)

    def base(self, root: Root) -> tuple[str, str]:
        return self.who

    def caller(self, session: tuple[str, str]) -> tuple[str, str]:
        return session

    def in_role(self, session: tuple[str, str], arn: str, region: str) -> tuple[str, str]:
        if self.refusal:
            raise AwsError("AssumeRole: no", code=self.refusal, operation="AssumeRole", hint="log in")
        self.taken.append(arn)
        return self.lands_in, f"{arn}/ropeway"


@pytest.fixture
def root() -> Root:
    return select(platform(), "retail", "dev")[0]


def test_the_role_of_the_purpose_is_taken(root: Root) -> None:
    doors = FakeDoors(PERSON)
    session = admit(root, "plan", doors, partition="aws", own=False)
    assert session[0] == "111111111111"
    assert doors.taken == ["arn:aws:iam::111111111111:role/acme-retail-dev-plan"]


def test_ci_has_it_already(root: Root) -> None:
    doors = FakeDoors(CI)
    assert admit(root, "apply", doors, partition="aws", own=False) == CI
    assert doors.taken == []


def test_another_accounts_credentials_are_refused(root: Root) -> None:
    with pytest.raises(UsageError, match=r"account 111111111111, and the credentials are of 999999999999"):
        admit(root, "apply", FakeDoors(PERSON), partition="aws", own=True)
    with pytest.raises(UsageError, match="nothing was done"):
        admit(root, "apply", FakeDoors(PERSON, lands_in="888888888888"), partition="aws", own=False)


def test_a_role_that_lets_nobody_in_is_told_with_the_ways_out(root: Root) -> None:
    with pytest.raises(RopewayError, match=r"may not take the role .*-apply") as caught:
        admit(root, "apply", FakeDoors(PERSON, "AccessDenied"), partition="aws", own=False)
    assert "ropeway bootstrap dev --unit retail" in (caught.value.hint or "")


def test_expired_credentials_stay_what_they_are(root: Root) -> None:
    with pytest.raises(AwsError) as caught:
        admit(root, "apply", FakeDoors(PERSON, "ExpiredToken"), partition="aws", own=False)
    assert caught.value.code == "ExpiredToken"

"""What demonstrations call: a platform from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.cli.app import App
from ropeway.cli.infra.provisioning import provision
from ropeway.errors import UsageError
from ropeway.sandbox.server import Server
from tests.cli.infra.conftest import STACK, stacks

ACCOUNTS = {
    "retail/operations": "444444444444",
    "retail/dev": "111111111111",
    "retail/preprod": "222222222222",
    "retail/prod": "333333333333",
}


def test_a_platform_is_made_from_nothing_and_stays_as_it_is(folder: Path, sandbox: Server) -> None:
    stacks(folder, STACK)
    found = provision(App(), folder / "demo", folder / "stacks-of-ours")
    assert found.accounts == ACCOUNTS
    assert found.made == dict.fromkeys(ACCOUNTS, 3)
    again = provision(App(), folder / "demo", folder / "stacks-of-ours")
    assert again.made == dict.fromkeys(ACCOUNTS, 0)


def test_it_prepares_no_account_of_aws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROPEWAY_TARGET", "aws")
    with pytest.raises(UsageError, match="accounts of the sandbox only"):
        provision(App(), folder)

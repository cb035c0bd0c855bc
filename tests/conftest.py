"""Rules for every test: a clean environment, and in CI no test may be skipped."""

from __future__ import annotations

import os

import pytest

# They have environments and targets of their own: `make test-sdk2`, `make test-sdk3`.
collect_ignore = ["sdk2", "sdk3"]

_LEAKY = ("AWS_", "ROPEWAY_", "SAGEMAKER_", "SM_")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's AWS settings reach a test, and no test reaches AWS."""
    for name in list(os.environ):
        if name.startswith(_LEAKY):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for real Terraform begins first: begun last, it would keep the other processes waiting."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/infra/"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: what the project needs, its own files install."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("CI: a skipped test is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

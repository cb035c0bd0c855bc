"""Interrupts and kills in the middle of an apply: the second of three resources is held. The next one goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.cli.infra.conftest import Project

_SECONDS = 60


def until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not done():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def held(project: Project) -> Iterator[subprocess.Popen[str]]:
    """`ropeway infra apply --env dev`, which has made the first resource and is at the second."""
    (project.folder / "hold").touch()
    arguments = project.arguments("apply", "--env", "dev", "--yes")
    child = subprocess.Popen(
        [sys.executable, "-c", "from ropeway.cli import main; main()", *arguments],
        cwd=project.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until((project.folder / "held").exists, "the second resource")
        yield child
    finally:
        (project.folder / "hold").unlink(missing_ok=True)
        child.kill()
        child.communicate()


def finish(project: Project, added: int) -> None:
    """The next apply goes on, and the one after it has nothing to do."""
    (project.folder / "hold").unlink(missing_ok=True)
    resumed = project("apply", "--env", "dev", "--yes")
    assert resumed.exit_code == 0, resumed.output
    assert f"{project.unit}/dev: {added} added" in resumed.stdout
    assert project("plan", "--env", "dev").exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_cleanly_and_the_next_apply_goes_on(
    project: Project, held: subprocess.Popen[str], number: signal.Signals
) -> None:
    held.send_signal(number)
    _, said = held.communicate(timeout=_SECONDS)
    assert held.returncode == 130, said
    assert "interrupted: Terraform ends what it has begun; nothing more is started" in said
    assert f"error: {project.unit}/dev: interrupted: what it had begun is finished and in the state" in said
    assert not project.locked("dev")
    finish(project, 2)


def test_meanwhile_nobody_else_works_in_the_folder(project: Project, held: subprocess.Popen[str]) -> None:
    refused = project("plan", "--env", "dev")
    assert refused.exit_code == 1
    assert (
        f"error: {project.unit}/dev: another ropeway infra works in {project.place('dev')}" in refused.stderr
    )
    assert project("plan", "--env", "prod").exit_code == 3


def test_when_ropeway_is_killed_terraform_ends_its_work(
    project: Project, held: subprocess.Popen[str]
) -> None:
    held.kill()
    held.communicate()
    assert project.locked("dev")
    refused = project("apply", "--env", "dev", "--yes")
    assert refused.exit_code == 1
    assert "the state is locked" in refused.stderr
    (project.folder / "hold").unlink()
    until(lambda: not project.locked("dev"), "Terraform to give the lock back")
    assert project("plan", "--env", "dev").exit_code == 0


def test_when_terraform_is_killed_the_lock_is_told_and_the_rest_is_made(
    project: Project, held: subprocess.Popen[str]
) -> None:
    os.kill(int((project.folder / "terraform.pid").read_text()), signal.SIGKILL)
    _, said = held.communicate(timeout=_SECONDS)
    assert held.returncode == 1
    assert f"error: {project.unit}/dev: Terraform was killed by signal 9" in said
    assert "the state is locked" in project("apply", "--env", "dev", "--yes").stderr
    assert project("unlock", "--env", "dev", "--yes").exit_code == 0
    finish(project, 3)

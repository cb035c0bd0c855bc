"""On a terminal the driver asks, and draws a table that redraws itself."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.cli.infra.conftest import Project


def typed(project: Project, answer: str, verb: str, *arguments: str) -> tuple[int, str]:
    """Exit code and everything on the screen when `answer` is typed at the first question."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", "from ropeway.cli import main; main()", *project.arguments(verb, *arguments)],
        cwd=project.folder, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    screen = b""
    with suppress(OSError):  # Linux's way to say that nobody writes any more
        while read := os.read(ours, 4096):
            screen += read
            if answer and (b"]: " in screen or b"destroy it: " in screen):
                os.write(ours, f"{answer}\n".encode())
                answer = ""
    os.close(ours)
    return child.wait(), screen.decode()


@pytest.mark.timeout(200)
def test_it_asks_before_it_changes_and_shows_what_goes_on(project: Project) -> None:
    code, screen = typed(project, "n", "apply", "--env", "dev")
    assert code == 1
    assert f"Apply to {project.unit}/dev? [y/N]: n" in screen
    code, screen = typed(project, "y", "apply", "--env", "dev")
    assert code == 0, screen
    assert f"{project.unit}/dev: 3 added" in screen
    assert "\x1b[2K" in screen  # lines that were drawn anew
    assert f"{project.unit}/dev: apply" not in screen  # no plain lines beside the table


@pytest.mark.timeout(200)
def test_destroying_asks_for_the_name(project: Project) -> None:
    assert project("apply", "--env", "dev", "--yes").exit_code == 0
    code, screen = typed(project, "acme", "destroy", "--env", "dev")
    assert code == 1
    assert "Type acme/dev to destroy it: acme" in screen
    assert "nothing was destroyed" in screen
    code, screen = typed(project, "acme/dev", "destroy", "--env", "dev")
    assert code == 0, screen
    assert f"{project.unit}/dev: 3 destroyed, nothing left" in screen

"""The README and the guides work: their files are written, their commands run in order on a sandbox of their own.

A block with a title is a file. Blocks of ``bash`` and ``console`` are commands; lines that begin with ``make`` are not
run, and the sandbox takes a free port.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What each page's commands must have told in the end.
PAGES = {
    "README.md": ("mammography-severity/1 is Approved", "mammo-batch.csv.out"),
    "docs/guides/getting-started.md": (
        "mammography-severity/2 is Approved",
        "mammo-batch.csv.out",
        "abalone/1",
    ),
    "docs/guides/mammography.md": (
        "ended with 1",
        "better, difference",
        "mammography-severity/2 is Approved",
    ),
    "docs/guides/first-pipeline.md": ("from the cache", "ended with 1", "only 3 lines"),
    "docs/guides/own-code.md": ("r2=0.992;", "Predict  Transform  Succeeded"),
    "docs/guides/tuning.md": (
        "RegisterBest",
        "PendingManualApproval",
        "Completed\t4",
        "TRAINING JOB",
        ": mae=",
    ),
    "docs/guides/plain-aws.md": ("333333333333", "Succeeded\n2{", "step Stop: by hand", "by-hand\tplain"),
    "docs/guides/retraining.md": ("retraining.yaml: valid, 1 unit, 2 environments, 3 accounts",),
    "docs/guides/describe-your-platform.md": (
        "ropeway.yaml: valid, 1 unit, 3 environments, 4 accounts",
        "wrong.yaml:10:5: units.retail.enviroments: unknown key",
        "large.yaml: valid, 2 units, 5 environments, 6 accounts",
        "automated.yaml: valid, 1 unit, 2 environments, 3 accounts",
        "trial.yaml: valid, 1 unit, 2 environments, 1 account",
        "converted.yaml: valid, 2 units, 6 environments, 6 accounts",
    ),
}
_COMMANDS = re.compile(r"^```(?:bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILES = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```', re.MULTILINE | re.DOTALL)


def script(page: str) -> str:
    """The page's commands as one script that stops at the first failure."""
    lines = [line for block in _COMMANDS.findall(page) for line in block.splitlines()]
    kept = "\n".join(line for line in lines if line and not line.startswith("make "))
    return f"set -euo pipefail\n{kept}\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A folder with the examples and a state of its own; its sandbox is stopped at the end."""
    (tmp_path / ".ropeway").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    yield tmp_path
    _bash("ropeway sandbox stop", tmp_path)


def _bash(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    tools = str(Path(sys.executable).parent)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROPEWAY_"))}
    return subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env={
            **outside,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "ROPEWAY_SANDBOX_PORT": "0",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_the_page_work_in_order(name: str, project: Path) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")
    for path, content in _FILES.findall(page):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(content, encoding="utf-8")
    result = _bash(script(page), project)
    assert result.returncode == 0, result.stdout[-4000:]
    assert [words for words in PAGES[name] if words not in result.stdout] == [], result.stdout[-4000:]


def test_a_command_that_fails_ends_the_page(project: Path) -> None:
    page = "```bash\nmake nothing\nfalse\n```\n\n```console\necho reached\n```\n"
    result = _bash(script(page), project)
    assert (result.returncode, result.stdout) == (1, "")

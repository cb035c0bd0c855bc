"""The shell blocks of the README and the first guide, run in order against a sandbox on a free port."""

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
PAGES = ("README.md", "docs/guides/getting-started.md")
_BLOCK = re.compile(r"^```(?:bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def script(page: Path) -> str:
    """The page's commands as one script that stops at the first failure; `make` is not run."""
    lines = [line for block in _BLOCK.findall(page.read_text(encoding="utf-8")) for line in block.splitlines()]
    kept = [line for line in lines if line and not line.startswith("make ")]
    text = "\n".join(kept).replace("ropeway sandbox start", "ropeway sandbox start --port 0")
    return f"set -euo pipefail\n{text}\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A folder with the examples and a state of its own; its sandbox is stopped at the end."""
    (tmp_path / ".ropeway").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    yield tmp_path
    _bash("ropeway sandbox stop || true", tmp_path)


def _bash(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    tools = str(Path(sys.executable).parent)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROPEWAY_"))}
    return subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env={**outside, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_work_in_order(page: str, project: Path) -> None:
    commands = script(ROOT / page)
    assert "ropeway pipeline run" in commands
    result = _bash(commands, project)
    assert result.returncode == 0, f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
    assert "mammo-batch.csv.out" in result.stdout
    assert "is Approved" in result.stdout


def test_a_command_that_fails_ends_the_page(project: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```bash\nmake nothing\nfalse\n```\n\n```console\necho reached\n```\n", encoding="utf-8")
    result = _bash(script(page), project)
    assert (result.returncode, result.stdout) == (1, "")

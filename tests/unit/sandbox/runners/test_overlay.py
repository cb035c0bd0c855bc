"""A job's own Python sees what is below it, and writes nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ropeway.sandbox.runners.overlay import Overlay, OverlayError, Overlays


def run(overlay: Overlay, *arguments: str) -> str:
    done = subprocess.run(
        [overlay.python, *arguments],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    return Overlays().make(tmp_path / "own", Path(sys.executable))


def test_it_is_a_python_of_its_own_with_the_packages_below(overlay: Overlay) -> None:
    shown = run(
        overlay, "-c", "import sys, pytest; print(sys.prefix, sys.version_info[:2]); print(pytest.__file__)"
    )
    prefix, file = shown.splitlines()
    assert prefix == f"{overlay.python.parents[1]} {sys.version_info[:2]}"
    assert file == pytest.__file__


def test_its_own_packages_come_first(overlay: Overlay) -> None:
    (overlay.packages / "pytest.py").write_text("mine = True\n", encoding="utf-8")
    assert run(overlay, "-c", "import pytest; print(pytest.mine)") == "True"


@pytest.mark.parametrize("program", ["pip", "pip3"])
def test_pip_knows_what_is_below_and_installs_here(overlay: Overlay, tmp_path: Path, program: str) -> None:
    wheel = tmp_path / "own_thing-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("own_thing.py", "value = 7\n")
        archive.writestr(
            "own_thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: own-thing\nVersion: 1\n"
        )
        archive.writestr("own_thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("own_thing-1.dist-info/RECORD", "")
    pip = overlay.python.with_name(program)
    done = subprocess.run(
        [pip, "install", "--no-index", "pytest", str(wheel)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Requirement already satisfied: pytest" in done.stdout
    assert (overlay.packages / "own_thing.py").is_file()
    assert run(overlay, "-c", "import own_thing; print(own_thing.value)") == "7"


def test_an_interpreter_without_pip_and_ropeway_borrows_them(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    overlay = Overlays().make(tmp_path / "own", bare / "bin" / "python")
    assert run(overlay, "-m", "pip", "--version").startswith("pip ")
    assert run(overlay, "-c", "import ropeway.containers.script_mode as m; print(m.__name__)").endswith(
        "script_mode"
    )


def test_it_is_made_once(overlay: Overlay) -> None:
    again = Overlays().make(overlay.python.parents[1], Path(sys.executable))
    assert again == overlay


def test_an_interpreter_that_does_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(OverlayError, match="no/such/python"):
        Overlays().make(tmp_path / "own", Path("/no/such/python"))
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho lost >&2; exit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(OverlayError, match="lost"):
        Overlays().make(tmp_path / "own", broken)

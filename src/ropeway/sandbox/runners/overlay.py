"""A Python of a job's own: what pip installs in it is gone with the job, what its interpreter has is there.

An *overlay* is a virtual environment made by hand, in a millisecond: links to the interpreter, and a ``.pth`` file that
adds the interpreter's packages behind its own. pip in it installs what is missing or of another version, so neither
the sandbox's environment nor a user's is ever written to, and ``pip install`` of what is there is quick.
An interpreter without pip (as ``uv`` makes them) borrows the one that its ``ensurepip`` carries; one without Ropeway
gets the programs of ``containers``.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Overlay", "OverlayError", "Overlays"]

_SECONDS = 60
_CONTAINERS = Path(__file__).parents[2] / "containers"
_ASK = """
import importlib.util, json, site, sys
wheel = ""
if importlib.util.find_spec("pip") is None and importlib.util.find_spec("ensurepip") is not None:
    import ensurepip, pathlib
    found = sorted(pathlib.Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    wheel = str(found[-1]) if found else ""
sites = site.getsitepackages() + ([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])
print(json.dumps({
    "base": getattr(sys, "_base_executable", sys.executable),
    "version": list(sys.version_info[:2]),
    "sites": sites,
    "wheel": wheel,
    "ropeway": importlib.util.find_spec("ropeway") is not None,
}))
"""


class OverlayError(Exception):
    """The interpreter does not run; the text says which."""


@dataclass(frozen=True)
class Overlay:
    """A Python of a job's own.

    Attributes:
        python: its interpreter.
        packages: where pip installs.
        below: the interpreter that it lies over.
    """

    python: Path
    packages: Path
    below: Path


@dataclass(frozen=True)
class _Facts:
    """What an interpreter tells of itself."""

    base: str
    version: tuple[int, int]
    sites: tuple[str, ...]
    wheel: str
    ropeway: bool


class Overlays:
    """Makes overlays; asks each interpreter once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], _Facts] = {}
        self._lock = threading.Lock()

    def make(self, folder: Path, python: Path) -> Overlay:
        """Make an overlay, or take the one that is there.

        Args:
            folder: where; it is the overlay's alone.
            python: the interpreter below it.

        Raises:
            OverlayError: the one below does not run.
        """
        facts = self._facts(python)
        name = "python{}.{}".format(*facts.version)
        overlay = Overlay(folder / "bin" / "python", folder / "lib" / name / "site-packages", python)
        if overlay.python.exists():
            return overlay
        overlay.packages.mkdir(parents=True, exist_ok=True)
        _fill(overlay.packages, facts)
        (folder / "pyvenv.cfg").write_text(
            f"home = {Path(facts.base).parent}\ninclude-system-site-packages = false\n", encoding="utf-8"
        )
        _make_programs(overlay.python.parent, facts.base, name)
        return overlay

    def _facts(self, python: Path) -> _Facts:
        try:
            key = (str(python), python.stat().st_mtime_ns)
        except OSError as error:
            raise OverlayError(f"the interpreter {python} does not run: {error}") from error
        with self._lock:
            if key not in self._known:
                self._known[key] = _ask(python)
            return self._known[key]


def _fill(packages: Path, facts: _Facts) -> None:
    # The name sorts last, so that the overlay's own packages come first.
    lines = [f"import site; site.addsitedir({site!r})" for site in facts.sites]
    (packages / "zz_base.pth").write_text("\n".join([*lines, facts.wheel, ""]), encoding="utf-8")
    if not facts.ropeway:
        own = packages / "ropeway"
        own.mkdir(exist_ok=True)
        (own / "__init__.py").touch()
        (own / "containers").symlink_to(_CONTAINERS)


def _make_programs(folder: Path, base: str, name: str) -> None:
    folder.mkdir(exist_ok=True)
    # The script of this name beside the interpreter below would install there.
    pip = folder / "pip"
    pip.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n', encoding="utf-8")
    pip.chmod(0o755)
    for alias, target in (("pip3", "pip"), ("python3", "python"), (name, "python"), ("python", base)):
        (folder / alias).symlink_to(target)


def _ask(python: Path) -> _Facts:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [str(python), "-c", _ASK], env=env, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OverlayError(f"the interpreter {python} does not run: {error}") from error
    if done.returncode != 0:
        raise OverlayError(f"the interpreter {python} does not run: {done.stderr.strip()[-400:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    version = (int(told["version"][0]), int(told["version"][1]))
    return _Facts(told["base"], version, tuple(told["sites"]), told["wheel"], told["ropeway"])

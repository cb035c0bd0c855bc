"""Python environments of their own for what Ropeway is compared with, made once below ``.ropeway/bench``."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["python_with"]

_ROOT = Path(__file__).parents[1] / ".ropeway" / "bench"


def python_with(*packages: str) -> Path:
    """The interpreter of an environment that has these packages; what pip says goes to standard error.

    Raises:
        RuntimeError: pip could not install them.
    """
    digest = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]
    folder = _ROOT / f"{packages[0].partition('=')[0]}-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        sys.stderr.write(f"installing {', '.join(packages)}\n")
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-qqq", "--disable-pip-version-check", *packages]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise RuntimeError(f"pip could not install {', '.join(packages)}")
        ready.touch()
    return python

"""What the package and its help load, in a fresh interpreter: nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"boto3", "botocore", "moto", "pydantic", "rich", "yaml", "cheroot", "numpy", "pandas", "sqlite3"}


@pytest.mark.parametrize(
    "code",
    [
        "import ropeway",
        "import ropeway.pipelines",
        "from ropeway.cli import root; root.main(['--help'])",
        "from ropeway.cli import root; root.main(['pipeline', '--help'])",
        "from ropeway.cli import root; root.main(['sandbox', 'status', '--help'])",
        "from ropeway.cli import root; root.main(['model', 'approve', '--help'])",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    ending = "import atexit, sys; atexit.register(lambda: print('\\nLOADED', *sys.modules)); "
    told = subprocess.run(
        [sys.executable, "-c", ending + code], capture_output=True, text=True, check=True
    ).stdout
    loaded = {name.partition(".")[0] for name in told.rpartition("LOADED ")[2].split()}
    assert "ropeway" in loaded
    assert loaded & HEAVY == set()

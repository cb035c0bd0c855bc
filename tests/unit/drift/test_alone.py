"""The package runs in jobs that have nothing else of Ropeway."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("program", ["analyzer", "clarify"])
def test_the_programs_load_nothing_else(program: str) -> None:
    code = f"import sys, ropeway.drift.{program}; print(*sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = told.split()
    ours = {name for name in loaded if name.startswith("ropeway") and not name.startswith("ropeway.drift")}
    assert ours <= {"ropeway", "ropeway.errors"}  # which the root package names
    heavy = {"boto3", "botocore", "click", "pandas", "pyarrow", "pydantic", "rich", "scipy", "yaml"}
    assert {name.partition(".")[0] for name in loaded} & heavy == set()

"""The zip that Terraform deploys is the sources."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ropeway.functions import package

ROOT = Path(__file__).parents[3]


def test_the_zip_is_current() -> None:
    assert package.main(["--check"]) == 0
    assert package.build() == package.build()


@pytest.mark.parametrize("module", ["start_delivery", "create_project", "approval_rules", "retraining"])
def test_a_function_needs_nothing_but_the_zip_and_boto3(module: str, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(package.build())).extractall(tmp_path)
    (tmp_path / "boto3.py").write_text("")
    program = f"import ropeway.functions.{module} as m; print(m.__file__, callable(m.handler))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [str(tmp_path / f"ropeway/functions/{module}.py"), "True"], done.stderr

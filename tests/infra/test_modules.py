"""Every module: its form, its own tests, and its example applied to a sandbox.

All examples are applied together, as modules of one root (``coverage``): the waits that the AWS provider has built in
overlap.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra import coverage
from tests.infra.conftest import Terraform

ROOT = Path(__file__).parents[2]
MODULES = sorted(folder for folder in (ROOT / "terraform" / "modules").iterdir() if folder.is_dir())
NAMES = [folder.name for folder in MODULES]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A copy of the modules, as Terraform writes beside them."""
    shutil.copytree(ROOT / "terraform", tmp_path / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    return tmp_path / "terraform"


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_a_module_is_complete(module: Path) -> None:
    for name in (
        "main.tf",
        "variables.tf",
        "outputs.tf",
        "versions.tf",
        "README.md",
        "examples/basic/main.tf",
    ):
        assert (module / name).is_file(), f"{module.name} lacks {name}"
    assert list((module / "tests").glob("*.tftest.hcl")), f"{module.name} has no tests"


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_variables_and_outputs_are_described_and_typed(module: Path) -> None:
    for kind, needed in (("variables", ("description", "type")), ("outputs", ("description", "value"))):
        text = (module / f"{kind}.tf").read_text(encoding="utf-8")
        blocks = re.split(r"^(?=(?:variable|output) \")", text, flags=re.MULTILINE)[1:]
        for block in blocks:
            for word in needed:
                assert re.search(rf"^  {word}\s+=", block, re.MULTILINE), block.splitlines()[0]
        if kind == "variables":
            assert len(blocks) <= 25


def test_the_readmes_are_current() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "terraform" / "readme.py"), "--check"], check=False)
    assert done.returncode == 0


def test_the_files_are_formatted(bare: dict[str, str]) -> None:
    code, said = Terraform(ROOT / "terraform", bare)("fmt", "-check", "-recursive", "-diff")
    assert code == 0, said


@pytest.mark.parametrize("name", NAMES)
def test_a_modules_own_tests_pass(workplace: Path, attached: dict[str, str], name: str) -> None:
    terraform = Terraform(workplace / "modules" / name, attached)
    terraform.well("init", "-input=false", "-backend=false")
    said = terraform.well("test")
    assert " 0 failed" in said


def test_every_resource_type_is_recorded() -> None:
    assert sorted(coverage.recorded()) == coverage.types(), "run python -m tests.infra.coverage"
    results = {result for steps in coverage.recorded().values() for result in steps.values()}
    assert results <= {"yes", "made anew"}

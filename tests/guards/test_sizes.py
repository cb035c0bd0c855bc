"""Files and functions stay small enough to read; exceptions are named here, with their reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MAX_LINES = 350
MAX_TEST_LINES = 800
MAX_FUNCTION = 60
MAX_METHODS = 12
EXCEPTIONS: dict[str, str] = {}


def _id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_id)
def test_a_source_file_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES or _id(path) in EXCEPTIONS


@pytest.mark.parametrize("path", TESTS, ids=_id)
def test_a_test_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_TEST_LINES


@pytest.mark.parametrize("path", SOURCES, ids=_id)
def test_functions_and_classes_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION, f"{node.name} has {length} lines"
        if isinstance(node, ast.ClassDef) and not _is_protocol(node):
            public = [
                item
                for item in node.body
                if isinstance(item, ast.FunctionDef)
                and not item.name.startswith("_")
                and not _is_property(item)
            ]
            assert len(public) <= MAX_METHODS or f"{_id(path)}:{node.name}" in EXCEPTIONS, node.name


@pytest.mark.parametrize("path", SOURCES, ids=_id)
def test_every_module_tells_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", SOURCES, ids=_id)
def test_no_module_has_a_name_that_says_nothing(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "common", "misc", "manager"}


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def _is_property(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(item, ast.Name) and item.id in {"property", "cached_property"}
        for item in node.decorator_list
    )

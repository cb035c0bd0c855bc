"""The public surface: what it lists can be imported, is sorted, has a docstring, and is in the documentation."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    "ropeway": "",
    "ropeway.pipelines": "docs/reference/pipelines.md",
    "ropeway.errors": "docs/reference/errors.md",
}


def names(module: str) -> list[str]:
    """What a module lists as public; nothing for one that lists nothing."""
    return list(getattr(importlib.import_module(module), "__all__", ()))


@pytest.mark.parametrize("module", MODULES)
def test_the_list_is_sorted_and_has_no_name_twice(module: str) -> None:
    assert names(module) == sorted(set(names(module)))


@pytest.mark.parametrize("module", MODULES)
def test_what_is_listed_is_there_and_tells_what_it_is(module: str) -> None:
    imported = importlib.import_module(module)
    silent = [
        name
        for name in names(module)
        if name != "__version__" and not inspect.getdoc(getattr(imported, name))
    ]
    assert silent == []


@pytest.mark.parametrize("module", ["ropeway.pipelines", "ropeway.errors"])
def test_what_is_public_is_listed(module: str) -> None:
    imported = importlib.import_module(module)
    public = {
        name
        for name, value in vars(imported).items()
        if inspect.isclass(value) and value.__module__.startswith("ropeway") and not name.startswith("_")
    }
    assert public == set(names(module))


@pytest.mark.parametrize("module", [module for module, page in MODULES.items() if page])
def test_what_is_listed_is_documented(module: str) -> None:
    words = set(re.findall(r"`(\w+)", (ROOT / MODULES[module]).read_text(encoding="utf-8")))
    assert set(names(module)) - words == set()

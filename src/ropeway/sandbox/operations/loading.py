"""Imports every module of operations, so that the registry is complete."""

from __future__ import annotations

import importlib
import pkgutil

from ropeway.sandbox import operations

__all__ = ["load_all"]


def load_all() -> None:
    """Register every operation that Ropeway owns."""
    for found in pkgutil.walk_packages(operations.__path__, f"{operations.__name__}."):
        importlib.import_module(found.name)

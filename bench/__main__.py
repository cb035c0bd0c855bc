"""Runs the measurements: ``python -m bench`` all of them, ``python -m bench NAME`` one, ``--list`` their names.

A measurement is a module of this package with ``run()``, which checks that both sides give equal results, then
times them, and returns rows.
"""

from __future__ import annotations

import compileall
import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ropeway

_TOOLS = frozenset(("cold", "environment", "event_clients", "event_sources", "live", "programs"))
PACKAGES = ("ropeway", "boto3", "moto", "xgboost-cpu", "xgboost", "scikit-learn", "pandas")


def names() -> list[str]:
    """The measurements there are."""
    found = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    return sorted(name for name in found if not name.startswith("_") and name not in _TOOLS)


def machine() -> str:
    """Processor count, system and versions, in one line."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    system = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    )
    return f"{system}; {', '.join(versions)}"


def table(rows: Sequence[dict[str, object]]) -> str:
    """Rows as a Markdown table; the first row names the columns."""
    heads = list(dict.fromkeys(key for row in rows for key in row))
    lines = [heads, ["---"] * len(heads)]
    lines += [[_cell(row.get(head, "")) for head in heads] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments name."""
    if list(arguments) == ["--list"]:
        print("\n".join(names()))
        return 0
    unknown = [name for name in arguments if name not in names()]
    if unknown:
        print(
            f"there is no measurement {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr
        )
        return 2
    print(machine())
    # As pip leaves it: in a shell with PYTHONDONTWRITEBYTECODE a checkout would be compiled at each start.
    compileall.compile_dir(str(Path(ropeway.__file__).parent), quiet=1)
    for name in arguments or names():
        module = importlib.import_module(f"bench.{name}")
        print(f"\n## {name}\n\n{table(module.run())}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

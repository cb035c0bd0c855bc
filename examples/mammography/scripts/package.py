"""Put the model, its imputer and its inference code into one archive: what was tested is what is served.

In:  /opt/ml/processing/{model/model.tar.gz, imputer/imputer.json, imputer/split.json, code/inference.py}
Out: /opt/ml/processing/packaged/model.tar.gz  (same parts, same bytes)
"""

import gzip
import io
import tarfile
from pathlib import Path

ROOT = Path("/opt/ml/processing")


def main() -> None:
    with tarfile.open(ROOT / "model" / "model.tar.gz") as archive:
        member = archive.extractfile("xgboost-model")
        assert member is not None
        booster = member.read()
    parts = {
        "code/inference.py": (ROOT / "code" / "inference.py").read_bytes(),
        "imputer.json": (ROOT / "imputer" / "imputer.json").read_bytes(),
        "split.json": (ROOT / "imputer" / "split.json").read_bytes(),
        "xgboost-model": booster,
    }
    target = ROOT / "packaged" / "model.tar.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in parts.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    print(f"packaged {', '.join(parts)}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Zips of code, kept by hash."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.store.code import FileCode


def _zip(name: str = "app.py", content: str = "x = 1", mode: int = 0o100644) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, content)
    return target.getvalue()


def test_code_is_found_by_lambdas_hash_and_unpacked_once(tmp_path: Path) -> None:
    store = FileCode(tmp_path / "code")
    content = _zip()
    name = store.put(content)
    assert name == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert store.put(content) == name
    folder = store.folder(name)
    assert folder is not None
    assert (folder / "app.py").read_text(encoding="utf-8") == "x = 1"
    assert store.folder(name) == folder
    assert len(list((tmp_path / "code").iterdir())) == 2


def test_programs_stay_executable(tmp_path: Path) -> None:
    store = FileCode(tmp_path)
    folder = store.folder(store.put(_zip("run.sh", mode=0o100755)))
    assert folder is not None
    assert (folder / "run.sh").stat().st_mode & 0o777 == 0o755


def test_a_hash_that_nobody_put_has_no_folder(tmp_path: Path) -> None:
    assert FileCode(tmp_path).folder(base64.b64encode(b"x" * 32).decode()) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", _zip("../out.py"), _zip("/etc/out.py"), _zip("link", "/etc/passwd", mode=0o120777)],
)
def test_what_is_no_zip_or_leaves_its_folder_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid, match="Could not unzip uploaded file"):
        FileCode(tmp_path).put(content)


def test_code_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Unzipped size must be smaller than 1000 bytes"):
        FileCode(tmp_path, max_unpacked=1000).put(_zip(content="0" * 1001))

"""`aws s3 …`, as people type it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.server import Server

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture
def aws(sandbox: Server) -> Any:
    """Run `aws s3 …` against the sandbox; its output."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_ACCESS_KEY_ID": "111111111111",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, str(AWS), "s3", *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_cli_moves_files(aws: Any, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a.txt").write_text("alpha")
    (tree / "sub" / "b.bin").write_bytes(b"b" * 9_000_000)  # above the CLI's threshold for parts
    aws("mb", "s3://cli-bucket")
    aws("sync", str(tree), "s3://cli-bucket/tree")
    listing = aws("ls", "s3://cli-bucket/tree/", "--recursive")
    assert [line.split()[2:] for line in listing.splitlines()] == [
        ["5", "tree/a.txt"],
        ["9000000", "tree/sub/b.bin"],
    ]
    assert aws("sync", str(tree), "s3://cli-bucket/tree") == ""
    aws("cp", "s3://cli-bucket/tree/sub/b.bin", str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == (tree / "sub" / "b.bin").read_bytes()
    aws("mv", "s3://cli-bucket/tree/a.txt", "s3://cli-bucket/moved.txt")
    address = aws("presign", "s3://cli-bucket/moved.txt").strip()
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.read() == b"alpha"
    aws("rm", "s3://cli-bucket", "--recursive")
    aws("rb", "s3://cli-bucket")
    assert "cli-bucket" not in aws("ls")

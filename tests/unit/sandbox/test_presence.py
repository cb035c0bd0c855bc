"""One process serves a state folder, and tells where."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ropeway.errors import SandboxError
from ropeway.sandbox.presence import alone, told


def test_a_second_process_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    with alone(tmp_path):
        with (
            pytest.raises(SandboxError, match=f"serves {tmp_path}: pid {os.getpid()}") as caught,
            alone(tmp_path, patience=0),
        ):
            pass
        assert caught.value.hint == "ropeway sandbox stop ends it"
    with alone(tmp_path, patience=0):
        assert (tmp_path / "server.lock").read_text() == f"{os.getpid()}\n"


def test_the_address_is_told_while_it_listens(tmp_path: Path) -> None:
    with told(tmp_path, "http://127.0.0.1:5001"):
        assert json.loads((tmp_path / "server.json").read_text()) == {
            "pid": os.getpid(),
            "endpoint": "http://127.0.0.1:5001",
        }
    assert list(tmp_path.iterdir()) == []

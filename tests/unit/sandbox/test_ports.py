"""Which ports a start tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.errors import UsageError
from ropeway.sandbox.ports import PortTakenError, keep, ports


def test_the_option_is_stronger_than_the_variable_and_the_last_port(tmp_path: Path) -> None:
    keep(tmp_path, 5001)
    assert ports(5002, {"ROPEWAY_SANDBOX_PORT": "5003"}, tmp_path).tried == (5002,)
    assert ports(0, {"ROPEWAY_SANDBOX_PORT": "5003"}, tmp_path).tried == (0,)
    assert ports(None, {"ROPEWAY_SANDBOX_PORT": "5003"}, tmp_path).tried == (5003,)


def test_a_free_port_by_the_variable_is_the_last_one_again(tmp_path: Path) -> None:
    assert ports(None, {"ROPEWAY_SANDBOX_PORT": "0"}, tmp_path).tried == (0,)
    keep(tmp_path, 5001)
    assert ports(None, {"ROPEWAY_SANDBOX_PORT": "0"}, tmp_path).tried == (5001, 0)


def test_where_none_was_asked_for_the_last_port_comes_first_and_a_free_one_last(tmp_path: Path) -> None:
    assert ports(None, {}, tmp_path).tried == (4566, 0)
    assert ports(None, {"ROPEWAY_SANDBOX_PORT": ""}, tmp_path).tried == (4566, 0)
    keep(tmp_path, 5001)
    assert ports(None, {}, tmp_path).tried == (5001, 4566, 0)
    keep(tmp_path, 4566)
    assert ports(None, {}, tmp_path).tried == (4566, 0)


@pytest.mark.parametrize("content", [b"", b"0\n", b"70000\n", b"-1\n", b"x\n", b"\xff\n", b"9" * 5000])
def test_a_file_that_names_no_port_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "port").write_bytes(content)
    assert ports(None, {}, tmp_path).tried == (4566, 0)


@pytest.mark.parametrize("value", ["x", "-1", "65536", "80.5", " ", "+5", "²", "9" * 5000])
def test_a_variable_that_is_no_port_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        ports(None, {"ROPEWAY_SANDBOX_PORT": value}, tmp_path)
    assert str(caught.value) == f"ROPEWAY_SANDBOX_PORT is {value!r}"
    assert caught.value.hint == "set it to a port from 0 (a free one) to 65535, or unset it"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("option", [-1, 65536])
def test_an_option_that_is_no_port_is_refused(tmp_path: Path, option: int) -> None:
    with pytest.raises(UsageError, match=f"--port is {option}"):
        ports(option, {}, tmp_path)


def test_the_hint_tells_what_asked_for_the_port(tmp_path: Path) -> None:
    assert "ROPEWAY_SANDBOX_PORT" in str(ports(None, {"ROPEWAY_SANDBOX_PORT": "5003"}, tmp_path).hint)
    assert ports(5003, {}, tmp_path).hint is None
    assert "--port PORT" in str(PortTakenError("port 5003 cannot be used").hint)

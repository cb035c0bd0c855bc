"""The root: help, global options on either side of the command, usage errors, the target rule."""

from __future__ import annotations

import json
import socket
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke


def test_help_lists_the_groups(invoke: Invoke) -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    for name in ("demo", "sandbox", "pipeline", "model"):
        assert f"\n  {name} " in result.stdout


def test_the_version_is_told_with_the_name(invoke: Invoke) -> None:
    told = version("ropeway")
    assert (result := invoke("--version")).stdout == f"ropeway {told}\n"
    assert (result.exit_code, result.stderr) == (0, "")
    for args in (["--version", "--output", "json"], ["--output", "json", "--version"]):
        assert json.loads(invoke(*args).stdout) == {"name": "ropeway", "version": told}


def test_a_command_has_no_version_of_its_own(invoke: Invoke) -> None:
    assert invoke("validate", "--version").exit_code == 2


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["pipelin"], "No such command 'pipelin'."),
        (
            ["pipeline", "list", "--on", "mars"],
            "Invalid value for '--on': 'mars' is not one of 'sandbox', 'aws'.",
        ),
        (
            ["--account", "devv", "pipeline", "list"],
            "Invalid value for '--account': 'devv' is no account: give twelve digits or one of dev, preprod, ",
        ),
        (["pipeline", "run"], "Missing argument 'SOURCE|PIPELINE'."),
        (["sandbox", "start", "--on", "aws"], "No such option '--on'."),
        (["sandbox", "faults", "add"], "Missing argument 'KIND'. Choose from: Step.SERVICE_FAULT, "),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(invoke: Invoke, args: list[str], error: str) -> None:
    result = invoke(*args)
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert told[0].startswith(f"error: {error}")
    assert told[1].startswith("hint: ropeway")
    assert result.stdout == ""


def test_a_group_without_a_command_shows_its_help(invoke: Invoke) -> None:
    result = invoke("sandbox", "mail")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ropeway sandbox mail ")
    assert "hint: " not in result.stderr


def test_a_file_that_cannot_be_written_is_named(invoke: Invoke, folder: Path) -> None:
    log = folder / ".ropeway" / "sandbox" / "server.log"
    log.mkdir(parents=True)
    result = invoke("sandbox", "start")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {log}: Is a directory\n"


def test_the_environment_s_target_is_checked(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROPEWAY_TARGET", "production")
    result = invoke("pipeline", "list")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: ROPEWAY_TARGET is 'production'\nhint: set it to sandbox or aws, or unset it\n"
    )


def test_aws_needs_credentials_and_says_so(invoke: Invoke) -> None:
    result = invoke("pipeline", "list", "--on", "aws", "--region", "eu-west-1")
    assert result.exit_code == 1
    assert result.stderr == (
        "error: GetCallerIdentity: Unable to locate credentials\n"
        "hint: log in (aws sso login), or name a profile with --profile\n"
    )


@pytest.mark.parametrize(
    "address", ["nonsense", "127.0.0.1:4566", "http://", "http://a:b", "ftp://127.0.0.1:4566"]
)
def test_an_address_that_is_none_is_refused(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ROPEWAY_SANDBOX_URL", address)
    for command in (["pipeline", "list"], ["sandbox", "clock", "show"]):
        result = invoke(*command)
        assert result.exit_code == 2
        assert result.stderr == (
            f"error: ROPEWAY_SANDBOX_URL is {address!r}\n"
            "hint: set it to a sandbox's address, such as http://127.0.0.1:4566, or unset it\n"
        )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.9\r\n", "error: the sandbox cannot be reached: SSH-2.0"),
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
            "/_sandbox/clock answers 404: this is no sandbox, or one of another version\n",
        ),
    ],
)
def test_another_program_at_the_address_is_no_sandbox(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, answer: bytes, told: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def once() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        monkeypatch.setenv("ROPEWAY_SANDBOX_URL", f"http://127.0.0.1:{other.getsockname()[1]}/")
        result = invoke("sandbox", "clock", "show")
        thread.join()
    assert result.exit_code == 1
    assert told in result.stderr
    assert "hint: ropeway sandbox status\n" in result.stderr


def test_a_sandbox_that_is_gone_is_an_error_with_a_hint(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROPEWAY_SANDBOX_URL", "http://127.0.0.1:9")
    result = invoke("model", "list")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        'error: AssumeRole: Could not connect to the endpoint URL: "http://127.0.0.1:9/"\n'
    )
    assert "ropeway sandbox status" in result.stderr

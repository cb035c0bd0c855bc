"""Life of the sandbox's process: start, status, stop, reset; ports that are taken; files that are stale."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_start_answers_and_is_told_when_it_runs_already(shell: Shell) -> None:
    first = shell("sandbox", "start", "--port", "0")
    assert first.returncode == 0, first.stderr
    started = re.fullmatch(
        r"sandbox started: (http://127\.0\.0\.1:\d+) \(pid (\d+)\)\n"
        r'use it from any AWS tool: eval "\$\(ropeway sandbox env\)"\n',
        first.stdout,
    )
    assert started
    endpoint, pid = started.groups()
    second = shell("sandbox", "start")
    assert second.returncode == 0
    assert second.stdout.startswith(f"sandbox is already running: {endpoint} (pid {pid})\n")
    status = shell("sandbox", "status", "--output", "json")
    state = shell.folder / ".ropeway" / "sandbox"
    assert json.loads(status.stdout) == {
        "status": "running",
        "endpoint": endpoint,
        "pid": int(pid),
        "state": str(state),
    }
    stopped = shell("sandbox", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, "sandbox stopped\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    again = shell("sandbox", "stop")
    assert (again.returncode, again.stdout) == (0, "sandbox is not running\n")
    status = shell("sandbox", "status")
    assert (status.returncode, status.stdout) == (1, f"sandbox is not running (state in {state})\n")


def test_a_port_that_is_taken_is_named(shell: Shell, taken: int) -> None:
    result = shell("sandbox", "start", "--port", str(taken))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"error: port {taken} of 127.0.0.1 cannot be used: Address already in use\n"
        "hint: another program listens there; stop it, or choose a port: ropeway sandbox start --port PORT\n"
    )


@pytest.mark.parametrize(
    "content", ["", "[]", '{"pid": "x"}', '{"pid": 1, "endpoint": "http://127.0.0.1:9"}', "{}"]
)
def test_a_stale_file_is_ignored(shell: Shell, content: str) -> None:
    state = shell.folder / ".ropeway" / "sandbox"
    state.mkdir()
    (state / "server.json").write_text(content)
    assert shell("sandbox", "status").returncode == 1
    assert shell("sandbox", "stop").stdout == "sandbox is not running\n"


def test_a_command_starts_the_sandbox_and_tells_its_target(shell: Shell) -> None:
    state = shell.folder / ".ropeway" / "sandbox"
    shell("sandbox", "start", "--port", "0")
    result = shell("pipeline", "list", "--account", "prod", "--region", "us-east-1")
    assert result.returncode == 0, result.stderr
    endpoint = json.loads((state / "server.json").read_text())["endpoint"]
    assert result.stderr == f"target: sandbox {endpoint} (account 333333333333, us-east-1)\n"


def test_env_and_run_give_a_role_of_the_account(shell: Shell) -> None:
    shell("sandbox", "start", "--port", "0")
    env = shell("sandbox", "env", "--account", "222222222222", "--output", "json")
    variables = json.loads(env.stdout)
    assert variables["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert {name: variables[name] for name in ("AWS_REGION", "AWS_EC2_METADATA_DISABLED")} == {
        "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn']); raise SystemExit(7)"
    run = shell(
        "sandbox", "run", "--account", "222222222222", "--", "python", "-c", code, env={"AWS_PROFILE": "x"}
    )
    assert run.returncode == 7, run.stderr
    assert run.stdout == "arn:aws:sts::222222222222:assumed-role/RopewayExecutionRole/ropeway\n"
    lost = shell("sandbox", "run", "--", "no-such-command")
    assert lost.returncode == 2
    assert lost.stderr.startswith("error: there is no command 'no-such-command'\n")


def test_env_prints_lines_for_a_shell(shell: Shell) -> None:
    shell("sandbox", "start", "--port", "0")
    lines = shell("sandbox", "env").stdout.splitlines()
    assert lines[0] == "unset AWS_PROFILE"
    assert all(re.fullmatch(r"export [A-Z0-9_]+=.+", line) for line in lines[1:])


def test_reset_deletes_when_told_so(shell: Shell) -> None:
    state: Path = shell.folder / ".ropeway" / "sandbox"
    shell("sandbox", "start", "--port", "0")
    refused = shell("sandbox", "reset")
    assert refused.returncode == 2
    assert refused.stderr == f"error: reset deletes {state}\nhint: say so with --yes\n"
    assert shell("sandbox", "status").returncode == 0
    interrupted = state.with_name("sandbox.deleted-1")
    interrupted.mkdir()
    done = shell("sandbox", "reset", "--yes")
    assert (done.returncode, done.stdout) == (0, f"deleted {state}\n")
    assert list(state.parent.iterdir()) == []


def test_the_server_s_log_is_printed(shell: Shell) -> None:
    none = shell("sandbox", "logs")
    assert none.returncode == 2
    state = shell.folder / ".ropeway" / "sandbox"
    state.mkdir()
    (state / "server.log").write_text("one\ntwo\nthree\n")
    assert shell("sandbox", "logs", "-n", "2").stdout == "two\nthree\n"


def test_two_commands_that_start_it_at_once_get_the_same(shell: Shell) -> None:
    with ThreadPoolExecutor() as pool:
        started = [
            pool.submit(shell, "sandbox", "start", "--port", "0", "--output", "json") for _ in range(3)
        ]
        pids = {json.loads(each.result().stdout)["pid"] for each in started}
    assert len(pids) == 1

"""Ports of sandboxes: two projects on one machine, restarts, and processes that do not answer."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropeway.cli import process
from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke, Shell

_HOLDER = """
import fcntl, os, sys, time
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print(os.getpid(), file=lock, flush=True)
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on; nobody can have the usual one meanwhile, either."""
    with contextlib.ExitStack() as open_sockets:
        usual = open_sockets.enter_context(socket.socket())
        usual.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a sandbox that has ended may have had it
        with contextlib.suppress(OSError):  # whoever has it already serves as well
            usual.bind(("127.0.0.1", 4566))
            usual.listen()
        other = open_sockets.enter_context(socket.socket())
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def stuck(folder: Path) -> Iterator[int]:
    """A process that serves the folder and never answers; its pid."""
    state = folder / ".ropeway" / "sandbox"
    state.mkdir()
    command = [sys.executable, "-c", _HOLDER, str(state / "server.lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as held:
        assert held.stdout is not None
        held.stdout.readline()
        yield held.pid
        held.kill()


def test_a_free_port_is_taken_and_told_and_taken_again(shell: Shell, taken: int) -> None:
    state = shell.folder / ".ropeway" / "sandbox"
    state.mkdir()
    (state / "port").write_text(f"{taken}\n")
    first = shell("pipeline", "list")
    assert first.returncode == 0, first.stderr
    endpoint = json.loads((state / "server.json").read_text())["endpoint"]
    assert not endpoint.endswith(f":{taken}")
    assert f"port {taken} is taken; the sandbox listens on {endpoint}\n" in first.stderr
    variables = shell("sandbox", "env", "--output", "json")
    assert json.loads(variables.stdout)["AWS_ENDPOINT_URL"] == endpoint
    shell("sandbox", "stop")
    again = shell("sandbox", "start", "--output", "json")
    assert (json.loads(again.stdout)["endpoint"], again.stderr) == (endpoint, "")
    other = shell("sandbox", "start", "--port", str(taken))
    assert other.stderr == f"warning: it does not move to port {taken} while it runs; stop it first\n"


def test_a_shell_of_another_folder_s_sandbox_is_warned(shell: Shell, sandbox: Server) -> None:
    warned = (
        f"warning: ROPEWAY_SANDBOX_URL names {sandbox.endpoint}, where commands of this shell act;"
        " unset it for this folder's\n"
    )
    started = shell("sandbox", "start", "--port", "0", "--output", "json")
    assert (started.returncode, started.stderr) == (0, warned)
    assert shell("sandbox", "env").stderr == warned
    own = json.loads(started.stdout)["endpoint"]
    assert shell("sandbox", "env", env={"ROPEWAY_SANDBOX_URL": own}).stderr == ""


def test_a_fixed_port_is_had_or_refused_and_the_option_wins(shell: Shell, taken: int) -> None:
    fixed = {"ROPEWAY_SANDBOX_PORT": str(taken)}
    refused = shell("pipeline", "list", env=fixed)
    assert refused.returncode == 1
    assert refused.stderr == (
        "starting the sandbox\n"
        f"error: port {taken} of 127.0.0.1 cannot be used: Address already in use\n"
        "hint: another program listens there; stop it, set ROPEWAY_SANDBOX_PORT to another port, or unset it\n"
    )
    started = shell("sandbox", "start", "--port", "0", "--output", "json", env=fixed)
    assert started.returncode == 0, started.stderr
    assert not json.loads(started.stdout)["endpoint"].endswith(f":{taken}")


def test_a_fixed_port_that_is_none_is_refused(shell: Shell) -> None:
    wrong = shell("sandbox", "start", env={"ROPEWAY_SANDBOX_PORT": "high"})
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "error: ROPEWAY_SANDBOX_PORT is 'high'\n"
        "hint: set it to a port from 0 (a free one) to 65535, or unset it\n"
    )


def test_an_interrupted_start_leaves_no_process(folder: Path) -> None:
    state = folder / ".ropeway" / "sandbox"

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.start(state, port=0, meanwhile=interrupt)
    left = []
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            left += [words.parent.name] if str(state).encode() in words.read_bytes() else []
    assert left == []


def test_a_process_that_does_not_answer_is_told_and_ended(invoke: Invoke, stuck: int) -> None:
    state = process.state_folder()
    told = invoke("sandbox", "status")
    assert told.exit_code == 1
    assert told.stdout == (
        f"sandbox does not answer: it starts, ends or hangs (pid {stuck}, state in {state})\n"
    )
    assert process.holder(state) == stuck
    stopped = invoke("sandbox", "stop")
    assert (stopped.exit_code, stopped.stdout) == (0, "sandbox stopped\n")
    assert process.holder(state) is None
    assert invoke("sandbox", "stop").stdout == "sandbox is not running\n"


def test_a_file_that_names_another_living_program_is_stale(invoke: Invoke) -> None:
    """Pid and port have gone to programs that do not speak HTTP."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def greet() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = other.accept()
                    with connection:
                        connection.recv(1000)
                        connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")

        threading.Thread(target=greet, daemon=True).start()
        state = process.state_folder()
        state.mkdir()
        endpoint = f"http://127.0.0.1:{other.getsockname()[1]}"
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
            (state / "server.json").write_text(json.dumps({"pid": program.pid, "endpoint": endpoint}))
            status = invoke("sandbox", "status")
            assert (status.exit_code, status.exception.__class__) == (1, SystemExit)
            assert invoke("sandbox", "stop").stdout == "sandbox is not running\n"
            assert program.poll() is None
        other.shutdown(socket.SHUT_RDWR)


def test_a_folder_that_cannot_be_made_is_named(invoke: Invoke, folder: Path) -> None:
    state = folder / ".ropeway" / "sandbox"
    state.write_text("")
    refused = invoke("sandbox", "start")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"error: the state folder {state} cannot be written to: ")

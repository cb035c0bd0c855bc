"""The process host: isolation is tried, ends are told, nothing hangs when the spawner dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.sandbox.runners.process import Exit, ProcessError, ProcessHost, ProcessSpec, RunningProcess


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ProcessHost]:
    made = ProcessHost(tmp_path)
    yield made
    made.close()


def start(host: ProcessHost, path: Path, name: str, *argv: str) -> RunningProcess:
    folder = host.folder(path / name)
    env = {"PATH": "/usr/bin:/bin"}
    return host.start(ProcessSpec(name, argv, env, folder.path, str(folder.path), folder.path / "log"))


def test_codes_and_signals_are_told(host: ProcessHost, tmp_path: Path) -> None:
    assert start(host, tmp_path, "ok", "true").wait(10) == Exit(0, None)
    assert start(host, tmp_path, "code", "/bin/sh", "-c", "exit 7").wait(10) == Exit(7, None)
    killed = start(host, tmp_path, "killed", "sleep", "60")
    assert killed.wait(0.01) is None
    killed.kill()
    assert killed.wait(10) == Exit(None, signal.SIGKILL)
    assert Exit(None, signal.SIGKILL).status == 137


def test_a_file_that_cannot_be_run_ends_with_126_and_one_that_is_missing_with_127(
    host: ProcessHost, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.write_text("text", encoding="utf-8")
    assert start(host, tmp_path, "plain-file", str(plain)).wait(10) == Exit(126, None)
    assert start(host, tmp_path, "missing", "/no/such/program").wait(10) == Exit(127, None)


def test_a_folder_that_is_not_there_is_an_error_of_the_sandbox(host: ProcessHost, tmp_path: Path) -> None:
    spec = ProcessSpec("x", ["true"], {}, tmp_path / "none", "/", tmp_path / "none" / "log")
    with pytest.raises(ProcessError, match="could not be started"):
        host.start(spec)


def test_processes_end_when_the_spawner_is_killed_and_the_next_one_starts(
    host: ProcessHost, tmp_path: Path
) -> None:
    process = start(host, tmp_path, "first", "sleep", "60")
    stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8")
    os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)  # its parent
    with pytest.raises(ProcessError, match="killed with the sandbox's spawner"):
        process.wait(10)
    assert start(host, tmp_path, "second", "true").wait(10) == Exit(0, None)


def test_an_unknown_rung_is_refused(tmp_path: Path) -> None:
    host = ProcessHost(tmp_path, force="container")
    with pytest.raises(
        ProcessError, match="ROPEWAY_ISOLATION='container' is none of mount, user, proot, path"
    ):
        host.start(ProcessSpec("x", ["true"], {}, tmp_path, "/", tmp_path / "log"))
    host.close()


def test_another_server_finds_a_process_and_how_it_ended(tmp_path: Path) -> None:
    first = ProcessHost(tmp_path)
    start(first, tmp_path, "job", "/bin/sh", "-c", "sleep 1.5; exit 5")
    first.close()
    second = ProcessHost(tmp_path)
    adopted = second.adopt("job", tmp_path / "job")
    assert isinstance(adopted, RunningProcess)
    assert adopted.wait(10) == Exit(5, None)
    assert second.adopt("job", tmp_path / "job") == Exit(5, None)
    assert second.adopt("other", tmp_path / "other") is None
    second.close()


def test_paths_outside_of_opt_ml_are_refused(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path / "job", overlay=True)
    assert folder.input("/opt/ml/input/data").parts[-3:] == ("inputs", "input", "data")
    for path in ("/opt/mlx", "/etc/passwd", "/opt/ml/../x", "relative"):
        with pytest.raises(ValueError, match="not under /opt/ml"):
            folder.output(path)


def test_files_are_those_of_both_layers_without_what_was_deleted(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path / "job", overlay=True)
    for name in ("kept", "changed", "sub/deep"):
        path = folder.input("/opt/ml/in") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("below", encoding="utf-8")
    above = folder.output("/opt/ml/in")
    above.mkdir(parents=True)
    (above / "changed").write_text("above", encoding="utf-8")
    (above / "link").symlink_to("kept")
    found = {
        file.relative: (file.path.read_text(encoding="utf-8"), file.written)
        for file in folder.files("/opt/ml/in")
    }
    assert found == {"changed": ("above", True), "kept": ("below", False), "sub/deep": ("below", False)}

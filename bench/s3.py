"""S3 put and get, from 1 kB to 1 GB, against moto's server in its own process: time, and peak memory of both.

Both servers get the same requests from the same boto3 client, one after the other; the bytes that come back are
compared before anything is timed. Times are the best of several rounds.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

SIZES = {"1 kB": 1 << 10, "100 kB": 100 << 10, "10 MB": 10 << 20, "100 MB": 100 << 20, "1 GB": 1 << 30}
_PIECE = 1 << 20
_SERVE = (
    "import sys; from pathlib import Path; from ropeway.sandbox.server import serve; "
    "serve(Path(sys.argv[1]), host='127.0.0.1', port=int(sys.argv[2]))"
)


def run() -> list[dict[str, object]]:
    """One row per size: seconds and peak resident memory of both servers."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        with source.open("wb") as file:
            block = hashlib.shake_128(b"ropeway").digest(_PIECE)
            for _ in range(max(SIZES.values()) // _PIECE):
                file.write(block)
        for name, size in SIZES.items():
            row: dict[str, object] = {"size": name}
            for server, command in _servers(Path(folder)).items():
                with _running(command) as (client, pid):
                    put, get = _measure(client, source, size)
                    row.update(
                        {f"{server} put s": put, f"{server} get s": get, f"{server} peak MB": _peak(pid)}
                    )
            rows.append(row)
    return rows


def _servers(folder: Path) -> dict[str, Callable[[int], list[str]]]:
    state = tempfile.mkdtemp(dir=folder)
    return {
        "ropeway": lambda port: [sys.executable, "-c", _SERVE, state, str(port)],
        "moto": lambda port: [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
    }


@contextmanager
def _running(command: Callable[[int], list[str]]) -> Iterator[tuple[Any, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=300),
        )
        _wait(port)
        client.create_bucket(Bucket="bench")
        yield client, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _measure(client: Any, source: Path, size: int) -> tuple[float, float]:
    """Best seconds of a put and of a get, after one of each whose bytes are compared."""
    body = _Head(source, size)
    client.put_object(Bucket="bench", Key="k", Body=body)
    if _digest(client.get_object(Bucket="bench", Key="k")["Body"]) != _digest(_Head(source, size)):
        raise AssertionError("the bytes that came back are others")
    rounds = 100 if size <= 1 << 20 else 5 if size <= 100 << 20 else 2
    put = min(
        _timed(lambda: client.put_object(Bucket="bench", Key="k", Body=_Head(source, size)))
        for _ in range(rounds)
    )
    get = min(
        _timed(lambda: _drain(client.get_object(Bucket="bench", Key="k")["Body"])) for _ in range(rounds)
    )
    return put, get


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _drain(stream: Any) -> None:
    while stream.read(_PIECE):
        pass


def _digest(stream: Any) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _peak(pid: int) -> float:
    """Peak resident memory in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return float("nan")


class _Head:
    """The first bytes of a file, as a body that boto3 can rewind."""

    def __init__(self, path: Path, size: int) -> None:
        self._file = path.open("rb")
        self._size = size

    def __len__(self) -> int:
        return self._size

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(
            self._size + offset if whence == os.SEEK_END else offset,
            os.SEEK_SET if whence == os.SEEK_END else whence,
        )

    def read(self, count: int = -1) -> bytes:
        rest = self._size - self._file.tell()
        return self._file.read(rest if count is None or count < 0 else min(count, rest))

    def __del__(self) -> None:
        self._file.close()

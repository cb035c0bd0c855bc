"""A platform of four accounts by `ropeway infra`, against plain `terraform apply` in one root after the other.

Both make the same stacks on the same sandbox, by the same Terraform and the same providers, with the folders
initialised before; the states must list the same resources afterwards. About ten minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.cold import ROPEWAY, sandbox, timed
from ropeway import assets
from ropeway.infra import terraform

ACCOUNTS = {
    "operations": "444444444444",
    "dev": "111111111111",
    "preprod": "222222222222",
    "prod": "333333333333",
}
_PATHS = [f"--environment={name}={number}" for name, number in ACCOUNTS.items() if name != "operations"]
_ROUNDS = 5


def run() -> list[dict[str, object]]:
    """Seconds, the ratio, peak memory in MiB, and the time of `ropeway validate`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stacks = f"--stacks={shutil.copytree(assets.terraform(), folder / 'terraform')}"  # whoever edits them meanwhile
        _describe(folder)
        with sandbox(folder):
            for environment in ACCOUNTS:
                timed([ROPEWAY, "bootstrap", environment, "--yes"], folder)
            with _peak() as peak:
                driver, _ = timed([ROPEWAY, "infra", "apply", "--together", "--yes", stacks], folder)
            made = {environment: _listed(folder, environment) for environment in ACCOUNTS}
            plan, _ = timed([ROPEWAY, "infra", "plan", stacks], folder)
            timed([ROPEWAY, "infra", "destroy", "--together", "--yes", "--confirm", "acme", stacks], folder)
            raw = sum(_apply(folder, environment) for environment in ACCOUNTS)
            assert made == {environment: _listed(folder, environment) for environment in ACCOUNTS}
        validate = min(timed([ROPEWAY, "validate"], folder)[0] for _ in range(_ROUNDS))
    return [
        {
            "resources": sum(len(each) for each in made.values()),
            "ropeway infra apply --together s": driver,
            "terraform apply, one by one s": raw,
            "ratio": driver / raw,
            "ropeway infra plan, nothing to do s": plan,
            "peak PSS of the apply MiB": peak[0],
            "ropeway validate ms": validate * 1000,
        }
    ]


def _describe(folder: Path) -> None:
    words = ["--name=acme", "--forge=github", "--organization=acme-ml", "--unit=retail", "--region=eu-west-1"]
    timed([ROPEWAY, "init", *words, f"--operations={ACCOUNTS['operations']}", *_PATHS], folder)


def _code(folder: Path, environment: str) -> Path:
    stack = "operations" if environment == "operations" else "environment"
    return folder / ".ropeway" / "infra" / "retail" / environment / "code" / "stacks" / stack


def _environment(folder: Path, environment: str) -> dict[str, str]:
    endpoint = json.loads((folder / ".ropeway" / "sandbox" / "server.json").read_text())["endpoint"]
    keys = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNTS[environment],
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "eu-west-1",
    }
    rest = terraform.environment(os.environ, folder / ".ropeway" / "infra" / ".terraform")
    return terraform.acting(rest, keys, sandbox=True)


def _terraform(folder: Path, environment: str, *arguments: str) -> str:
    env = _environment(folder, environment)
    done = subprocess.run(
        [terraform.find_binary(env), *arguments],
        cwd=_code(folder, environment), env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"terraform {arguments}: {done.stdout}\n{done.stderr}")
    return done.stdout


def _apply(folder: Path, environment: str) -> float:
    began = time.perf_counter()
    _terraform(folder, environment, "apply", "-input=false", "-auto-approve")
    return time.perf_counter() - began


def _listed(folder: Path, environment: str) -> list[str]:
    lines = _terraform(folder, environment, "state", "list").split("\n")
    return sorted(line for line in lines if line and not line.rpartition("module.")[2].startswith("data."))


@contextmanager
def _peak() -> Iterator[list[float]]:
    """The highest proportional memory of this process's descendants, in MiB, looked at twice a second."""
    found, ended = [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(0.5):
            found[0] = max(found[0], sum(_pss(pid) for pid in _descendants(os.getpid())) / 1024)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def _descendants(root: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    waiting = list(children.get(root, ()))
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, ())


def _pss(pid: int) -> int:
    """Proportional set size in KiB; 0 for a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)

"""Real Terraform against a live sandbox."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ropeway.infra.terraform import environment, find_binary
from ropeway.sandbox.server import Server

ACCOUNT = "111111111111"
ROOT = Path(__file__).parents[2]
# Terraform and its providers read a schema of many megabytes at each start: Go may collect garbage less often.
SPARING = {"GOGC": "400"}

Ropeway = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Terraform:
    """`terraform("plan")` in a folder: its exit code and what it said."""

    folder: Path
    env: dict[str, str]

    def __call__(self, *args: str) -> tuple[int, str]:
        done = subprocess.run(
            [find_binary(self.env), *args],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def well(self, *args: str) -> str:
        """The same, which must go well."""
        code, said = self(*args)
        assert code == 0, said
        return said

    def changes(self, *options: str) -> list[str]:
        """What a plan would do: addresses with their actions; empty when nothing."""
        self.well("plan", "-input=false", "-out=plan", *options)
        document: dict[str, Any] = json.loads(self.well("show", "-json", "plan"))
        return [
            f"{change['address']}: {'/'.join(change['change']['actions'])}"
            for change in document.get("resource_changes", ())
            if change["change"]["actions"] not in (["no-op"], ["read"])
        ]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("sandbox"), port=0)
    server.start()
    yield server
    server.stop()


def settings() -> dict[str, str]:
    """This process's environment, with dummy credentials of the account and nothing of AWS's beside."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_"))}
    own = {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_COLOR": "1",
    }
    return {**outside, **own, **SPARING}


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's environment without an endpoint."""
    return environment(settings(), tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def attached(bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same, with one AWS provider for all who reach no AWS: to start it for each run is most of a test's time."""
    folder = tmp_path_factory.mktemp("provider")
    shutil.copy(ROOT / "terraform" / "modules" / "bucket" / "versions.tf", folder)
    Terraform(folder, bare).well("init", "-input=false")
    (binary,) = (folder / ".terraform").glob("providers/*/hashicorp/aws/*/*/terraform-provider-aws*")
    command = [str(binary), "-debug"]
    with subprocess.Popen(command, env=bare, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as provider:
        assert provider.stdout is not None
        told = (re.search(rb"TF_REATTACH_PROVIDERS='(.*)'", line) for line in provider.stdout)
        found = next(match for match in told if match)
        yield {**bare, "TF_REATTACH_PROVIDERS": found[1].decode()}
        provider.terminate()


@pytest.fixture
def on_sandbox(sandbox: Server, bare: dict[str, str]) -> dict[str, str]:
    """The same, on the sandbox."""
    return {**bare, "AWS_ENDPOINT_URL": sandbox.endpoint}


@pytest.fixture
def ropeway(sandbox: Server, tmp_path: Path) -> Ropeway:
    """`ropeway("infra", "plan")`, as a process in a folder of its own."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    env = {**outside, **SPARING, "ROPEWAY_SANDBOX_URL": sandbox.endpoint}

    def run(*args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-c", "from ropeway.cli import main; main()", *args],
            cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def by_environment(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {each["environment"]: each for each in json.loads(done.stdout)["roots"]}

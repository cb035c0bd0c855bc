"""The folder in which Terraform works for one root: written anew from ``ropeway.yaml`` and the stacks, never by hand.

``.ropeway/infra/UNIT/ENVIRONMENT/`` holds ``code/``, a copy of what the root's stack needs, in which Terraform runs;
``plan`` and ``plan.json``, the saved plan; and ``log/``. In ``code/stacks/STACK/`` two files are generated:
``ropeway_override.tf.json`` with the backend, and ``ropeway.auto.tfvars.json`` with the values. Terraform's own files
(``.terraform``, ``.terraform.lock.hcl``) stay from one run to the next.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ropeway.errors import RopewayError

__all__ = [
    "BACKEND_FILE",
    "LOCK_FILE",
    "VALUES_FILE",
    "Workplace",
    "declared",
    "digest",
    "file_digest",
    "write",
]

BACKEND_FILE = "ropeway_override.tf.json"
VALUES_FILE = "ropeway.auto.tfvars.json"
LOCK_FILE = ".terraform.lock.hcl"
_LEFT_OUT = {"examples", "tests", "README.md", "readme.py", "__pycache__"}
_VARIABLE = re.compile(r'^variable "([a-z0-9_]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Workplace:
    """One root's folder.

    Attributes:
        folder: ``.ropeway/infra/UNIT/ENVIRONMENT``.
        code: where Terraform runs.
        stack_digest: of the stack's code and the backend.
        values_digest: of the values.
    """

    folder: Path
    code: Path
    stack_digest: str
    values_digest: str

    @property
    def plan(self) -> Path:
        """The saved plan."""
        return self.folder / "plan"

    @property
    def fresh(self) -> Path:
        """The plan that a command made for itself, and does not save."""
        return self.folder / "fresh"

    @property
    def record(self) -> Path:
        """What the saved plan was made of."""
        return self.folder / "plan.json"

    @property
    def log(self) -> Path:
        """Where each run's stream is kept."""
        return self.folder / "log"

    @property
    def lock_digest(self) -> str:
        """Of the providers' lock file; nothing before the first init."""
        return file_digest(self.code / LOCK_FILE)


def write(
    folder: Path,
    source: Path,
    stack: str,
    backend: Mapping[str, Any],
    values: Mapping[str, Any],
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> Workplace:
    """Bring a root's folder up to date.

    Args:
        folder: the root's.
        source: the folder that holds ``stacks`` and ``modules``.
        stack: which of the stacks.
        backend: the arguments of the S3 backend.
        values: of the variables; those that the stack does not declare are left out.
        files: what else the values name, by its path beside ``stacks`` and ``modules``.

    Raises:
        RopewayError: there is no such stack.
    """
    if not list((source / "stacks" / stack).glob("*.tf")):
        raise RopewayError(
            f"there is no stack {stack!r} in {source / 'stacks'}", hint="name another folder with --stacks"
        )
    code = folder / "code"
    wanted = {**dict(_wanted(source, stack)), **files}
    there = code / "stacks" / stack
    given = {name: values[name] for name in sorted(declared(source / "stacks" / stack)) if name in values}
    wanted[f"stacks/{stack}/{BACKEND_FILE}"] = _json({"terraform": {"backend": {"s3": dict(backend)}}})
    stack_digest = digest(wanted)
    wanted[f"stacks/{stack}/{VALUES_FILE}"] = text = _json(given)
    _bring(code, wanted)
    return Workplace(folder, there, stack_digest, hashlib.sha256(text).hexdigest())


def _wanted(source: Path, stack: str) -> Iterator[tuple[str, bytes]]:
    """Every file that the stack may need, by its path below ``code``."""
    for file in sorted(source.rglob("*")):
        parts = file.relative_to(source).parts
        if not file.is_file() or _LEFT_OUT & set(parts) or ".terraform" in parts:
            continue
        if parts[0] == "stacks" and parts[1:2] != (stack,):
            continue
        if parts[-1] == LOCK_FILE and parts[:2] != ("stacks", stack):
            continue
        if parts[-1].startswith("terraform.tfstate") or parts[-1] in {BACKEND_FILE, VALUES_FILE}:
            continue
        yield "/".join(parts), file.read_bytes()


def _bring(code: Path, wanted: Mapping[str, bytes]) -> None:
    """Write what differs and remove what is no longer wanted; Terraform's own files stay."""
    for file in list(code.rglob("*")):
        parts = file.relative_to(code).parts
        if ".terraform" in parts or file.name == LOCK_FILE or not (file.is_file() or file.is_symlink()):
            continue
        if "/".join(parts) not in wanted:
            file.unlink()
    for name, content in wanted.items():
        file = code / name
        if file.is_file() and file.read_bytes() == content:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def declared(stack: Path) -> set[str]:
    """The names of a stack's variables."""
    found: set[str] = set()
    for file in stack.glob("*.tf"):
        found.update(_VARIABLE.findall(file.read_text(encoding="utf-8")))
    return found


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents."""
    sum_ = hashlib.sha256()
    for name in sorted(files):
        content = files[name]
        sum_.update(f"{len(name)}:{name}:{len(content)}:".encode())
        sum_.update(content)
    return sum_.hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256 of a file; nothing when there is none."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()

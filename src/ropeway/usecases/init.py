"""Write a platform's first ``ropeway.yaml``: from answers, or from S1's ``config.json``.

The file is written whole or not at all, and never over another one. Answers are checked as the file would be, so
what is written is valid.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.config import s1
from ropeway.config.load import examine, read
from ropeway.config.problems import Problem
from ropeway.config.regions import known_regions
from ropeway.config.schema import text as schema_text
from ropeway.config.write import render
from ropeway.errors import ConfigError, UsageError

__all__ = ["SCHEMA", "Answers", "compose", "from_s1", "write"]

SCHEMA = Path(".ropeway/schema.json")
_CI = {"github": "github-actions", "gitlab": "gitlab-ci", "sandbox": "github-actions"}


@dataclass(frozen=True)
class Answers:
    """What has to be known.

    Attributes:
        name: the platform's name.
        forge: ``github``, ``gitlab`` or ``sandbox``.
        organization: organization or group on it.
        units: units as in the file.
        ci: what runs deliveries; the forge's own when None.
        shared_accounts: whether environments may share an account.
        compatibility: ``none`` or ``s1``.
    """

    name: str
    forge: str
    organization: str
    units: Mapping[str, Any]
    ci: str | None = None
    shared_accounts: bool = False
    compatibility: str = "none"


def compose(answers: Answers) -> str:
    """The file's text.

    Raises:
        ConfigError: the answers do not make a platform; every problem is told by its key.
    """
    data = {
        "version": 1,
        "name": answers.name,
        "forge": {"kind": answers.forge, "organization": answers.organization},
        "ci": answers.ci or _CI.get(answers.forge, "github-actions"),
        "compatibility": answers.compatibility,
        "shared_accounts": answers.shared_accounts,
        "units": dict(answers.units),
    }
    # JSON is YAML, so answers take the same way as a file.
    platform, problems = examine(json.dumps(data), "", known_regions())
    if platform is None:
        raise ConfigError([(_without_place(each), each.advice) for each in problems])
    return render(platform)


def _without_place(problem: Problem) -> str:
    return f"{problem.key}: {problem.message}" if problem.key else problem.message


def from_s1(file: Path, *, name: str | None, organization: str | None, shared_accounts: bool) -> str:
    """The text that describes what S1's ``config.json`` and the files beside it do.

    Args:
        file: ``config.json``.
        name: the platform's name; ``mlops``, S1's prefix, when None.
        organization: overrides what ``terraform.tfvars`` says.
        shared_accounts: whether environments may share an account; then S1's parameter names are not kept.

    Raises:
        ConfigError: a file is not S1's, or what it says is no platform.
        UsageError: a file cannot be read, or nothing names the organization.
    """
    beside = {key: file.parent / path for key, path in s1.SIBLINGS.items()}
    people = {
        persona: s1.users(read(beside[persona]), str(beside[persona]))
        for persona in ("data_scientists", "leads")
        if beside[persona].is_file()
    }
    units = s1.units(read(file), str(file), people)
    named = organization or (s1.organization(read(beside["tfvars"])) if beside["tfvars"].is_file() else None)
    if named is None:
        raise UsageError("nothing names the organization", hint="give --organization")
    return compose(
        Answers(
            name=name or "mlops",
            forge="github",
            organization=named,
            units=units,
            shared_accounts=shared_accounts,
            # S1's names carry no environment: in one account they would collide.
            compatibility="none" if shared_accounts else "s1",
        )
    )


def write(file: Path, text: str) -> None:
    """Write a new file, and the schema that its first line names, beside it.

    Raises:
        UsageError: the file exists, or cannot be written.
    """
    try:
        _replace(file.parent / SCHEMA, schema_text())
        _create(file, text)
    except FileExistsError as error:
        raise UsageError(f"{str(file)!r} exists", hint="edit it, or name another with --file") from error
    except OSError as error:
        raise UsageError(
            f"{error.filename}: {error.strerror}", hint="name a place that can be written"
        ) from error


def _create(file: Path, text: str) -> None:
    written = _beside(file, text)
    try:
        os.link(
            written, file
        )  # fails when the file exists: nothing is overwritten, nothing is seen half-written
    finally:
        written.unlink()


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    _beside(file, text).replace(file)


def _beside(file: Path, text: str) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=file.parent, prefix=f".{file.name}.", delete=False
    ) as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    path = Path(written.name)
    path.chmod(0o644)
    return path

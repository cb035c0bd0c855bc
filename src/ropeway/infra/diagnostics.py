"""Terraform's diagnostics as errors of ours: where it is, which resource, what it says, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Diagnostic", "Lock", "advice", "from_text"]

# What Terraform or AWS says (a pattern), and what helps. The first that fits counts.
_ADVICE = (
    (
        r"KMS\.(NotFoundException|DisabledException|KMSInvalidStateException)",
        "the key of the state is not there, or not in use: ropeway bootstrap {environment} --unit {unit} makes it",
    ),
    (
        r"acquiring the state lock",
        "wait for whoever holds it; if that process is gone: ropeway infra unlock --unit {unit} --env {environment}",
    ),
    (
        r"plan is stale",
        "something else was applied since: ropeway infra plan --unit {unit} --env {environment} makes a new plan",
    ),
    (
        (
            r"query available provider|no available releases|provider registry|"
            r"Failed to install provider|available packages"
        ),
        "no registry has the provider: name a folder that holds registry.terraform.io by ROPEWAY_TERRAFORM_MIRROR",
    ),
    (
        r"checksums|dependency lock file",
        "the providers differ from .terraform.lock.hcl: remove the root's folder under .ropeway/infra and plan again",
    ),
    (
        r"ExpiredToken|token .*expired",
        "the credentials have expired; log in again, and run the command again",
    ),
    (
        r"NoSuchBucket|S3 bucket .*does not exist",
        "the account is not prepared: ropeway bootstrap {environment} --unit {unit}",
    ),
    (
        r"AccessDenied|UnauthorizedOperation|not authorized",
        "the role lacks this permission, or the boundary forbids it",
    ),
    (r"Unsupported Terraform Core version", "install the version that the message names"),
    (
        r"AlreadyExists|already exists|BucketAlreadyOwnedByYou|ResourceInUse",
        "it was made elsewhere: delete it, or import it into the state",
    ),
    (r"LimitExceeded|ServiceQuota|QuotaExceeded", "ask AWS for a higher quota, or make less of it"),
    (r"Throttl|Rate exceeded|TooManyRequests", "AWS asks to slow down: run the command again"),
    (
        r"connection refused|no such host|i/o timeout|dial tcp",
        "the endpoint cannot be reached: ropeway sandbox status tells of a sandbox",
    ),
    (
        r"Unsupported argument|Missing required argument|Invalid value for (input )?variable",
        "what ropeway.yaml says does not fit this version's stacks: ropeway validate tells why",
    ),
)
_LOCK = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created):[ \t]*(.*)$", re.MULTILINE)
_VALUES = 2
_BLOCK = re.compile(r"^[│╷╵ ]*(Error|Warning): (.*)$")


@dataclass(frozen=True)
class Lock:
    """Who holds a state's lock.

    Attributes:
        who: ``user@host``.
        operation: what it was taken for, such as ``OperationTypeApply``.
        created: when, as Terraform writes it, in UTC.
    """

    id: str
    who: str
    operation: str
    created: str

    @property
    def told(self) -> str:
        """It in half a sentence."""
        what = self.operation.removeprefix("OperationType").lower() or "something"
        return f"{self.who} holds it for {what} since {self.created[:19]} UTC (lock {self.id})"


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning.

    Attributes:
        severity: ``error`` or ``warning``.
        address: the resource's address, or nothing.
        file: the file's name as Terraform has it, or nothing.
        line: the line in it, or 0.
    """

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    file: str = ""
    line: int = 0

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Diagnostic:
        """From the ``diagnostic`` member of a message."""
        place = told.get("range") or {}
        values = (told.get("snippet") or {}).get("values") or []
        where = ", ".join(f"{each.get('traversal')} {each.get('statement')}" for each in values[:_VALUES])
        detail = str(told.get("detail", ""))
        return cls(
            severity=str(told.get("severity", "error")),
            summary=str(told.get("summary", "")),
            detail=f"{detail} ({where})" if where else detail,
            address=str(told.get("address", "")),
            file=str(place.get("filename", "")),
            line=int((place.get("start") or {}).get("line", 0)),
        )

    @property
    def lock(self) -> Lock | None:
        """Who holds the state's lock, when that is what is wrong."""
        if "state lock" not in self.summary:
            return None
        found = dict(_LOCK.findall(self.detail))
        if "ID" not in found:
            return None
        return Lock(found["ID"], found.get("Who", "?"), found.get("Operation", ""), found.get("Created", "?"))

    @property
    def message(self) -> str:
        """``main.tf:12: aws_kms_key.data: creating KMS Key: AccessDenied …``, on one line."""
        place = f"{self.file}:{self.line}" if self.file else ""
        said = " ".join(self.summary.split())
        if lock := self.lock:
            return f"the state is locked: {lock.told}"
        detail = " ".join(self.detail.split())
        if detail and detail not in said:
            said = f"{said}: {detail}"
        return ": ".join(part for part in (place, self.address, said) if part)


def advice(said: str, unit: str, environment: str) -> str | None:
    """What helps against a message; None when only the message does."""
    for pattern, text in _ADVICE:
        if re.search(pattern, said, re.IGNORECASE):
            return text.format(unit=unit, environment=environment)
    return None


def from_text(text: str) -> list[Diagnostic]:
    """The errors of a command that speaks to people only, such as ``init``."""
    found: list[Diagnostic] = []
    severity, summary, detail = "", "", list[str]()

    def close() -> None:
        if severity:
            found.append(Diagnostic(severity, summary, " ".join(detail)))

    for line in text.splitlines():
        start = _BLOCK.match(line)
        if start:
            close()
            severity, summary, detail = start[1].lower(), start[2], []
        elif severity:
            detail += line.strip("│╷╵ ").split()
    close()
    return [each for each in found if each.severity == "error"]

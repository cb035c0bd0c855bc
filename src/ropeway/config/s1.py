"""``config.json`` of mlops-multi-account-terraform (S1), and the files beside it, as a platform.

S1's file is an object of business units, each with four texts: ``region``, ``dev_account_number``,
``preprod_account_number``, ``prod_account_number``. Its units have no operations account: dev plays it. Beside it
stand ``terraform/account_config/dev/terraform.tfvars`` with the organization, and two lists of users. What comes out
publishes S1's parameter names, so that projects made by S1 find what they read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.config import marks
from ropeway.config.explain import did_you_mean
from ropeway.config.problems import Finding, Path, Problem, dotted, refuse

__all__ = ["DEFAULT_ORGANIZATION", "SIBLINGS", "Siblings", "organization", "units", "users"]

DEFAULT_ORGANIZATION = "sagemaker-mlops-terraform"
_STAGES = ("dev", "preprod", "prod")
_KEYS = ("region", *(f"{stage}_account_number" for stage in _STAGES))
_ACCOUNT = re.compile(r"\d{12}")

# Where S1 keeps what config.json does not say, from config.json's folder.
_BESIDE = "terraform/account_config/dev"
SIBLINGS: Mapping[str, str] = {
    "tfvars": f"{_BESIDE}/terraform.tfvars",
    "data_scientists": f"{_BESIDE}/data_scientist.yml",
    "leads": f"{_BESIDE}/lead_data_scientist.yml",
}


@dataclass(frozen=True)
class Siblings:
    """The texts of the files beside ``config.json``; empty where there is none."""

    tfvars: str = ""
    data_scientists: str = ""
    leads: str = ""


def units(text: str, name: str, people: Mapping[str, list[str]]) -> dict[str, Any]:
    """The units of a ``config.json``, as ``ropeway.yaml`` has them.

    Args:
        text: JSON.
        name: the file's name, for messages.
        people: lists of users, for every unit.

    Raises:
        ConfigError: the file is not S1's; every problem is told.
    """
    document = _parse(text, name)
    findings = [*document.findings, *_check(document.data)]
    if findings:
        raise refuse(_placed(finding, document, name) for finding in findings)
    return {unit_name(key): _unit(value, people) for key, value in document.data.items()}


def unit_name(key: str) -> str:
    """``business_unit_1`` as ``business-unit-1``."""
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def _unit(value: Mapping[str, str], people: Mapping[str, list[str]]) -> dict[str, Any]:
    unit: dict[str, Any] = {
        "region": value["region"],
        "operations": value["dev_account_number"],
        "environments": {stage: {"account": value[f"{stage}_account_number"]} for stage in _STAGES},
    }
    return {**unit, "users": dict(people)} if people else unit


def users(text: str, name: str) -> list[str]:
    """The names in a list of users: ``users[].user_profile_name``.

    Raises:
        ConfigError: the file is not such a list.
    """
    document = _parse(text, name)
    entries = document.data.get("users") if isinstance(document.data, dict) else None
    if not isinstance(entries, list):
        raise refuse(
            [_placed(Finding((), "'users' must be a list", "see S1's data_scientist.yml"), document, name)]
        )
    wrong = [
        Finding(("users", at), "'user_profile_name' is missing", "name the user")
        for at, entry in enumerate(entries)
        if not (isinstance(entry, dict) and isinstance(entry.get("user_profile_name"), str))
    ]
    if wrong:
        raise refuse(_placed(finding, document, name) for finding in wrong)
    return [str(entry["user_profile_name"]) for entry in entries]


def organization(tfvars: str) -> str | None:
    """The organization in a ``terraform.tfvars``, if it is there."""
    found = re.search(r'^\s*github_organization\s*=\s*"([^"]+)"', tfvars, re.MULTILINE)
    return found[1] if found else None


def _parse(text: str, name: str) -> marks.Document:
    try:
        # JSON is YAML but for tabs; a JSON text has them between words only.
        return marks.parse(text.replace("\t", " "))
    except marks.NotYaml as error:
        raise refuse(
            [Problem(name, error.mark.line, error.mark.column, "", error.message, error.advice)]
        ) from error


def _check(data: Any) -> Iterator[Finding]:
    if not isinstance(data, dict) or not data:
        yield Finding(
            (), "must be an object of business units", "see config.json of mlops-multi-account-terraform"
        )
        return
    seen: dict[str, str] = {}
    for key, value in data.items():
        yield from _check_name(key, seen)
        if isinstance(value, dict):
            yield from _check_unit((key,), value)
        else:
            yield Finding((key,), "must be an object", f"give it {', '.join(_KEYS)}")


def _check_name(key: str, seen: dict[str, str]) -> Iterator[Finding]:
    name = unit_name(key)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", name):
        yield Finding(
            (key,),
            f"{name!r} is not a unit's name",
            "rename it: 1 to 20 letters, digits and dashes, a letter first",
            True,
        )
    elif name in seen:
        yield Finding((key,), f"becomes {name!r}, as {seen[name]!r} does", "rename one of them", at_key=True)
    seen.setdefault(name, key)


def _check_unit(path: Path, unit: Mapping[str, Any]) -> Iterator[Finding]:
    for key in unit:
        if key not in _KEYS:
            meant = did_you_mean(key, _KEYS)
            advice = f"did you mean {meant!r}?" if meant else f"known here: {', '.join(_KEYS)}"
            yield Finding((*path, key), f"unknown key {key!r}", advice, at_key=True)
    for key in _KEYS:
        value = unit.get(key)
        if key not in unit:
            yield Finding(path, f"{key!r} is missing", "add it", at_key=True)
        elif not isinstance(value, str):
            yield Finding((*path, key), "must be text", "write it in quotes")
        elif key != "region" and not _ACCOUNT.fullmatch(value):
            yield Finding(
                (*path, key), f"{value!r} is not an account number", "write the account's twelve digits"
            )


def _placed(finding: Finding, document: marks.Document, name: str) -> Problem:
    mark = document.find(finding.path, at_key=finding.at_key)
    return Problem(name, mark.line, mark.column, dotted(finding.path), finding.message, finding.advice)

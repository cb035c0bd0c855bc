"""A platform as the text of ``ropeway.yaml``: what differs from the defaults, commented, and read back as the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from ropeway.config.model import Platform

__all__ = ["HEADER", "render"]

HEADER = "# yaml-language-server: $schema=./.ropeway/schema.json\n"
_ABOUT = """\
# The platform, described once: accounts, regions, CI and Terraform all follow from this file.
# Every key is in docs/reference/ropeway-yaml.md; `ropeway validate` checks, `ropeway schema` serves editors.
"""
_COMMENTS: Mapping[tuple[str, ...], str] = {
    ("name",): "first word of every name that is made",
    ("forge",): "where the code lives",
    ("ci",): "what runs deliveries: github-actions, gitlab-ci or jenkins",
    ("compatibility",): "also publish what code made for mlops-multi-account-terraform reads",
    ("shared_accounts",): "several environments share an account: for a trial",
    ("units",): "business units; each has its own accounts",
    ("units", "*", "region"): "region of all its accounts; an environment may have another",
    (
        "units",
        "*",
        "operations",
    ): "the account for what environments share: registry, images, artifacts, state",
    ("units", "*", "environments"): "their order is the promotion path; people work in the first",
    ("units", "*", "users"): "Studio users",
}
_MORE = """\
    # users: {data_scientists: [alex], leads: [kim]}        # Studio users
    # emails: [ml-team@acme.example]                        # told of failures, drift and budgets
    # network: {cidr: 10.0.0.0/16, zones: 2, nat: false}    # or in an environment: vpc, subnets, security_groups
    # tags: {cost-center: "1234"}
    # monthly_budget: 500                                   # US dollars, for each account
    # events: {failures: {score: {pipeline: churn-score}}}  # also schedules, and drift that retrains
"""
_PLAIN = re.compile(r"[A-Za-z][\w./@-]*")
_WIDTH = 100


def render(platform: Platform, *, commented: bool = True) -> str:
    """The file's text.

    Args:
        platform: what to write.
        commented: whether to tell what the keys are for, and which others there are.
    """
    data = platform.model_dump(exclude_defaults=True)
    for unit in data["units"].values():
        if set(unit["operations"]) == {"account"}:
            unit["operations"] = unit["operations"]["account"]
    lines = list(_mapping(data, (), set() if commented else None))
    text = HEADER + (_ABOUT if commented else "") + "".join(f"{line}\n" for line in lines)
    return text + ("".join(_more(data["units"].values())) if commented else "")


def _more(units: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The examples of keys that no unit has."""
    used = {key for unit in units for key in unit}
    return (line for line in _MORE.splitlines(keepends=True) if line.split()[1].rstrip(":") not in used)


def _mapping(
    data: Mapping[str, Any], path: tuple[str, ...], told: set[tuple[str, ...]] | None
) -> Iterator[str]:
    indent = "  " * len(path)
    for key, value in data.items():
        here = (*path, key)
        place = ("units", "*", *here[2:]) if here[0] == "units" and len(here) > 2 else here
        if told is not None and place in _COMMENTS and place not in told:
            told.add(place)
            yield f"{indent}# {_COMMENTS[place]}"
        flow = _flow(value)
        block = isinstance(value, dict) and value and (len(indent + key + flow) > _WIDTH or _deep(value))
        if block or (len(path) < 1 and key == "units"):
            yield f"{indent}{_scalar(key)}:"
            yield from _mapping(value, here, told)
        else:
            yield f"{indent}{_scalar(key)}: {flow}"


def _deep(value: Mapping[str, Any]) -> bool:
    return any(isinstance(each, dict) for each in value.values())


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and not (_PLAIN.fullmatch(value) and _is_text(value)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):  # YAML knows no exponent without a dot before it
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")
    return value if isinstance(value, str) else json.dumps(value)


def _is_text(word: str) -> bool:
    """Whether YAML takes an unquoted word for text: not ``no``, not ``null``."""
    return isinstance(yaml.safe_load(word), str)

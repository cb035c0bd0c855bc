"""Two reference pages: the keys of ``ropeway.yaml``, from the models; names and parameters, from ``names``.

``python -m ropeway.config.reference`` writes ``docs/reference/ropeway-yaml.md`` and ``docs/reference/parameters.md``; a
test checks that they are current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ropeway.config.names import LIMITS, PARAMETERS, PERSONAS, RESOURCES, S1_ACCOUNTS, Names
from ropeway.config.schema import schema

__all__ = ["NAMES_PAGE", "PAGE", "main", "names_page", "page"]

PAGE = "docs/reference/ropeway-yaml.md"
NAMES_PAGE = "docs/reference/parameters.md"
_HEAD = """\
# ropeway.yaml

<!-- Written by `python -m ropeway.config.reference`; a test checks that it is current. -->

One file describes the platform; [the guide](../guides/describe-your-platform.md) writes one step by step. Keys that
are not listed here are refused. Environment variables are not expanded, there is no include, and what looks like a
secret is refused: secrets belong to AWS Secrets Manager. The [JSON Schema](ropeway.schema.json) makes editors complete
it; `ropeway init` writes it to `.ropeway/schema.json`, which the file's first line names. What follows from it,
[names and parameters](parameters.md), has a page of its own.

`ropeway validate` tells every problem with file, line, column and key, and what to do about it. Besides each key it
checks that

- regions exist, and are in one partition within a unit;
- no account serves two environments, unless `shared_accounts` is true; operations may share one with its own unit;
- every [name](parameters.md#names) fits into AWS's limits, with room for a project's name of 20 characters;
- a VPC of your own is named where there is one account, and keys are in the environment's region;
- users, reviewers, mails and subnets are listed once; a user is a data scientist or a lead;
- the CI system runs on the forge;
- nothing is made twice in one account: a model package group by two units, a rule, a queue or a role by words that
  end alike; a quota is asked for with one value;
- a failed check retrains by one way: no pipeline is watched by two loops, or by a loop and a drift rule, in whatever
  unit or environment of its account they are.

## Keys
"""
_NAMES_HEAD = """\
# Names and parameters

<!-- Written by `python -m ropeway.config.reference`; a test checks that it is current. -->

Everything that Ropeway makes has a name that follows from three words of [`ropeway.yaml`](ropeway-yaml.md), and all
that projects need to know of an environment is an SSM parameter under one path. Terraform's stacks are told both
(`ropeway.config.tfvars`), tools and templates take them from the same table, and nobody writes one twice.

`ropeway validate --names` lists those of your platform.

"""
_EXAMPLE = Names("acme", "retail", "dev", "111111111111", first=True)
_EXAMPLE_OPS = Names("acme", "retail", "operations", "444444444444")


def page() -> str:
    """The page's text."""
    return "\n".join([_HEAD, *_keys()]).rstrip() + "\n"


def names_page() -> str:
    """The text of the page of names and parameters."""
    return "\n".join([_NAMES_HEAD.rstrip() + "\n", *_names(), *_parameters()]).rstrip() + "\n"


def _keys() -> Iterator[str]:
    found = schema()
    parts = {"the file": found, **found["$defs"]}
    for title, part in parts.items():
        yield f"### {_title(title)}\n"
        if about := part.get("description"):
            yield f"{about}\n"
        part = part["anyOf"][1] if "anyOf" in part else part
        yield "| key | value | required | |"
        yield "|---|---|---|---|"
        for key, field in part["properties"].items():
            required = "yes" if key in part.get("required", ()) else _default(field)
            yield f"| `{key}` | {_value(field)} | {required} | {field.get('description', '')} |"
        yield ""


def _title(name: str) -> str:
    return {"the file": "The file", "Keys": "keys"}.get(name, name.lower())


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}` by default"


def _value(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2].lower()
        return f"[{name}](#{name})"
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field.get("type") == "array":
        return f"list of {_value(field['items'])}"
    if "patternProperties" in field:
        (inner,) = field["patternProperties"].values()
        return f"name: {_value(inner)}"
    if "additionalProperties" in field:
        return f"name: {_value(field['additionalProperties'])}"
    return {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}[
        field["type"]
    ]


def _names() -> Iterator[str]:
    yield "## Names\n"
    yield (
        "Every name is `PLATFORM-UNIT-ENVIRONMENT-PURPOSE`; the operations account is the environment `operations`. A\n"
        "bucket carries the account's number, too. `PROJECT` stands for a project's name. *First* is the unit's first\n"
        "environment, where people work. Studio profiles are "
        + ", ".join(f"`{prefix}-NAME` ({persona.replace('_', ' ')})" for persona, prefix in PERSONAS.items())
        + ".\n"
    )
    yield "| kind | purpose | where | for | example | AWS's limit |"
    yield "|---|---|---|---|---|---|"
    for each in RESOURCES:
        names = _EXAMPLE_OPS if each.where == "operations" else _EXAMPLE
        purpose = "PROJECT" if each.project else each.purpose
        example = names.name(each.kind, "churn" if each.project else each.purpose)
        kind = each.kind.replace("_", " ")
        yield f"| {kind} | `{purpose}` | {_where(each.where)} | {each.about} | `{example}` | {LIMITS[each.kind]} |"
    yield ""


def _parameters() -> Iterator[str]:
    yield "## Parameters\n"
    yield (
        "SSM parameters stand under `/ropeway/PLATFORM/UNIT/ENVIRONMENT/`, published by Terraform in its account\n"
        "and region. None is a secret. `aws ssm get-parameters-by-path --recursive --path\n"
        "/ropeway/acme/retail/dev` reads all of an environment. With `compatibility: s1` those that have one are also\n"
        "published [under the name](../guides/compatibility-s1.md) that code made for mlops-multi-account-terraform\n"
        "reads (`ENV` is the environment).\n"
    )
    yield "| parameter | where | type | holds | S1's name |"
    yield "|---|---|---|---|---|"
    for each in PARAMETERS:
        s1 = f"`{each.s1.format(env='ENV')}`" if each.s1 else ""
        kind = "StringList" if each.many else "String"
        yield f"| `{each.key}` | {_where(each.where)} | {kind} | {each.about} | {s1} |"
    for key, name in S1_ACCOUNTS.items():
        yield f"| | first | String | number of the account of {key.rpartition('/')[2]} | `{name}` |"
    yield ""


def _where(where: str) -> str:
    return where.replace("first environment", "first").replace("environment, operations", "everywhere")


def main() -> None:
    """Write the pages."""
    root = Path(__file__).resolve().parents[3]
    for path, text in ((PAGE, page()), (NAMES_PAGE, names_page())):
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The policies that the Terraform files say, statement by statement, read from their text.

Files are in ``terraform fmt``'s form, which is all that this reader understands. Locals of the same module are looked
into, variables are not: a caller answers for what it gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["FOLDERS", "Statement", "attributes", "statements", "text_of"]

ROOT = Path(__file__).parents[2] / "terraform"
FOLDERS = sorted(path for kind in ("modules", "stacks") for path in (ROOT / kind).iterdir() if path.is_dir())
_DOCUMENT = re.compile(r'^data "aws_iam_policy_document" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_STATEMENT = re.compile(r"^( +)(?:statement|content) \{\n(.*?)^\1\}", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LISTS: tuple[str, ...] = ("actions", "not_actions", "resources", "not_resources", "identifiers", "type")
_LOCAL = re.compile(r"\blocal\.(\w+)")


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document.

    Attributes:
        folder: ``modules/keys``.
        document: the data source's name.
        sid: the statement's, or its place among the document's.
        effect: ``Allow`` or ``Deny``.
        words: the strings behind ``actions``, ``resources``, ``identifiers`` and so on.
        conditions: the keys that it compares.
    """

    folder: str
    document: str
    sid: str
    effect: str
    words: dict[str, list[str]] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str, str]:
        """What the list of exceptions calls it by."""
        return self.folder, self.document, self.sid


def text_of(folder: Path) -> str:
    """A module's or stack's own files."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.tf")))


def statements(folder: Path) -> Iterator[Statement]:
    """Every statement of every document of a module or stack."""
    text = text_of(folder)
    for document, body in _DOCUMENT.findall(text):
        for number, found in enumerate(_STATEMENT.finditer(body)):
            yield _statement(folder, document, number, found, text)


def _statement(folder: Path, document: str, number: int, found: re.Match[str], text: str) -> Statement:
    body = found.group(2)
    values = dict(attributes(body))
    words: dict[str, list[str]] = {
        name: list(_words(values[name], text, frozenset())) for name in _LISTS if name in values
    }
    return Statement(
        folder=f"{folder.parent.name}/{folder.name}",
        document=document,
        sid=next(iter(_WORD.findall(values.get("sid", ""))), str(number)),
        effect=next(iter(_WORD.findall(values.get("effect", ""))), "Allow"),
        words=words,
        conditions=tuple(_WORD.findall(" ".join(re.findall(r"^ +variable += (.*)$", body, re.MULTILINE)))),
    )


def attributes(body: str) -> Iterator[tuple[str, str]]:
    """Every attribute of a block and of the blocks in it, with its expression over as many lines as it has."""
    lines = body.splitlines()
    for place, line in enumerate(lines):
        found = re.match(r"^( *)(\w+) += (.*)$", line)
        if found is None:
            continue
        indent, name, expression = found.groups()
        if expression.endswith(("[", "(", "{", "[{")):
            end = re.compile(rf"^{indent}[\])}}]")
            rest = lines[place + 1 :]
            last = next((number for number, each in enumerate(rest) if end.match(each)), len(rest))
            expression = "\n".join([expression, *rest[: last + 1]])
        yield name, expression


def _words(expression: str, text: str, seen: frozenset[str]) -> Iterator[str]:
    yield from _WORD.findall(expression)
    for local in _LOCAL.findall(expression):
        if local in seen:
            continue
        for name, value in attributes(
            "\n".join(re.findall(r"^locals \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
        ):
            if name == local:
                yield from _words(value, text, seen | {local})

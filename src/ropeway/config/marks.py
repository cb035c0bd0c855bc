"""YAML text as data that remembers where each key and value stands.

Reading goes by PyYAML's nodes, not its loader: keys are text as written (``on:`` is ``on``), a key given twice is a
problem, tags and merge keys are refused, and aliases may not blow the document up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from ropeway.config.problems import Finding, Path

__all__ = ["Document", "Mark", "NotYaml", "parse"]

_MOST_NODES = 100_000
_PLAIN = "tag:yaml.org,2002:"
_SCALARS = {_PLAIN + kind for kind in ("str", "int", "float", "bool", "null", "timestamp")}


@dataclass(frozen=True)
class Mark:
    """A place in the text, from 1; ``text`` is the scalar as written."""

    line: int
    column: int
    text: str | None = None


class NotYaml(Exception):  # noqa: N818 - named after what the text is
    """The text cannot be read at all."""

    def __init__(self, mark: Mark, message: str, advice: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.advice = advice


@dataclass
class Document:
    """Data, and where it stands.

    Attributes:
        data: mappings, lists and scalars.
        values: the mark of each value, by its path.
        keys: the mark of each key, by the path it leads to.
        findings: what was wrong on the way: keys given twice, tags, merge keys.
    """

    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    nodes: int = 0

    def find(self, path: Path, *, at_key: bool = False) -> Mark:
        """Where a path stands, or the nearest thing above it that does."""
        if at_key and path in self.keys:
            return self.keys[path]
        if path in self.values:
            mark = self.values[path]
            # A mapping begins on its first key's line: its own key is the better place to point at.
            return self.keys.get(path, mark) if mark.text is None else mark
        if not path:
            return Mark(1, 1)
        above = self.values.get(path[:-1])
        return above if above and above.text is not None else self.find(path[:-1], at_key=True)


def parse(text: str) -> Document:
    """Read a text that holds one YAML document.

    Raises:
        NotYaml: it does not.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
        context = f" {error.context}" if error.context else ""
        raise NotYaml(place, f"not YAML: {error.problem}{context}", _advice(str(error.problem))) from error
    except yaml.YAMLError as error:
        raise NotYaml(
            Mark(1, 1), f"not YAML: {error}", "save it as UTF-8 text without control characters"
        ) from error
    except RecursionError:
        raise NotYaml(Mark(1, 1), "nested too deeply", "write it as the guide shows it") from None
    if node is None:
        raise NotYaml(Mark(1, 1), "the file is empty", "ropeway init writes one")
    document = Document()
    document.data = _Reader(document).read(node, ())
    return document


def _advice(problem: str) -> str:
    if "\\t" in problem or "'\t'" in problem:
        return "indent with blanks, not with tabs"
    if "mapping values are not allowed" in problem:
        return "put text that holds a colon into quotes"
    if "could not find expected ':'" in problem:
        return "a key ends with a colon and a blank"
    return "look at this line and the one before: indentation, quotes, brackets"


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.open: set[int] = set()
        self.scalars = yaml.constructor.SafeConstructor()

    def read(self, node: yaml.Node, path: Path) -> Any:
        document = self.document
        document.nodes += 1
        mark = node.start_mark
        place = Mark(mark.line + 1, mark.column + 1, getattr(node, "value", None) if _scalar(node) else None)
        document.values[path] = place
        if document.nodes > _MOST_NODES or id(node) in self.open:
            raise NotYaml(place, "aliases make the file endless", "write the values out")
        if _scalar(node):
            return self._scalar(node, path)
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            return [self.read(item, (*path, at)) for at, item in enumerate(node.value)]
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            if not _scalar(key):
                self._find(path, "a key must be text", "write a plain word")
                continue
            here = (*path, key.value)
            if key.tag == _PLAIN + "merge":
                self.document.keys[here] = Mark(key.start_mark.line + 1, key.start_mark.column + 1)
                self._find(here, "merge keys are not read", "write the values out", at_key=True)
                continue
            if key.value in data:
                first = self.document.keys[here].line
                self.document.keys[here] = Mark(key.start_mark.line + 1, key.start_mark.column + 1)
                self._find(here, f"given twice, first in line {first}", "keep one of them", at_key=True)
                continue
            self.document.keys[here] = Mark(key.start_mark.line + 1, key.start_mark.column + 1)
            data[key.value] = self.read(value, here)
        return data

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag not in _SCALARS:
            self._find(path, f"the tag {_short(node.tag)} is not read", "write plain text")
            return node.value
        if node.tag == _PLAIN + "timestamp":
            return node.value
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return node.value

    def _find(self, path: Path, message: str, advice: str, *, at_key: bool = False) -> None:
        self.document.findings.append(Finding(path, message, advice, at_key))


def _scalar(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_PLAIN) if tag.startswith(_PLAIN) else tag

"""The properties of a searched resource, and the values that a document has for one.

A property is a path of members, written with dots. Its *kind* says how it compares: ``text``, ``number``, ``time``,
``flag``, or ``free`` for the values of maps (tags, hyperparameters, metrics), which are numbers when they look like
numbers. A list on the way gives the values of all its elements. Keys of maps may have dots of their own.
Names are found in any case (the SDK sorts by ``metrics.accuracy.max``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import Invalid

__all__ = ["Properties", "values_of"]


@dataclass(frozen=True)
class Properties:
    """What a resource can be searched by.

    Attributes:
        kinds: the kind of each property by its path.
        maps: the paths of the maps; whatever follows one is a key of it.
        lists: the paths of lists of structures, which nested filters name.
    """

    kinds: Mapping[str, str]
    maps: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    def kind(self, name: str) -> str:
        """How a property compares.

        Raises:
            Invalid: the resource has no such property.
        """
        if name in self.kinds:
            return self.kinds[name]
        lowered = name.lower()
        for known, kind in self.kinds.items():
            if known.lower() == lowered:
                return kind
        if any(lowered.startswith(f"{prefix.lower()}.") for prefix in self.maps):
            return "free"
        raise Invalid(f"Unknown property name: {name}")

    def suggestions(self, hint: str) -> Sequence[str]:
        """Property names that contain a part, sorted."""
        names = {*self.kinds, *(f"{prefix}.*" for prefix in self.maps)}
        return sorted(name for name in names if hint.lower() in name.lower())


def values_of(document: Any, path: str) -> Iterator[Any]:
    """The values at a path: times as epoch seconds, everything else as it is; none when there is nothing."""
    if isinstance(document, Sequence) and not isinstance(document, str):
        for item in document:
            yield from values_of(item, path)
    elif not path:
        if isinstance(document, datetime):
            yield document.timestamp()
        elif document is not None and not isinstance(document, Mapping):
            yield document
    elif isinstance(document, Mapping):
        name, rest = path, ""
        while True:  # the key of a map may have dots: the longest that is there
            key = _key(document, name)
            if key is not None:
                yield from values_of(document[key], rest)
                return
            name, dot, part = name.rpartition(".")
            if not dot:
                return
            rest = f"{part}.{rest}" if rest else part


def _key(document: Mapping[str, Any], name: str) -> str | None:
    if name in document:
        return name
    return next((key for key in document if key.lower() == name.lower()), None)

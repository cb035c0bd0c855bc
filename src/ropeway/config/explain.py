"""pydantic's errors in our words: what is wrong at a path, and what to do.

Where parts of the data are wrong, the rest is still a platform (``salvage``), so that the rules can tell what is wrong
with it in the same run.
"""

from __future__ import annotations

import copy
import difflib
import itertools
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ropeway.config.model import Platform
from ropeway.config.problems import Finding, Path

__all__ = ["did_you_mean", "explain", "known_keys", "salvage"]

_ROUNDS = 20
_WANTED = {
    "model_type": ("must be a mapping", "write 'key: value' lines below it, indented"),
    "model_attributes_type": ("must be a mapping", "write 'key: value' lines below it, indented"),
    "dict_type": ("must be a mapping", "write 'key: value' lines below it, indented"),
    "tuple_type": ("must be a list", "write it as [first, second]"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "int_type": ("must be a whole number", "write digits, without quotes"),
    "float_type": ("must be a number", "write digits, without quotes"),
    "finite_number": ("must be a number", "write digits, without quotes"),
}


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    close = difflib.get_close_matches(word.lower().replace("-", "_"), known := list(known), n=1, cutoff=0.6)
    return close[0] if close else next((each for each in known if each.lower() == word.lower()), None)


def explain(error: ValidationError, written: Callable[[Path], str | None]) -> Iterator[Finding]:
    """What pydantic found.

    Args:
        error: its error.
        written: the scalar at a path as it is written: a number's digits survive there.
    """
    details = error.errors(include_url=False)
    mistyped = {_meant(tuple(detail["loc"])) for detail in details if detail["type"] == "extra_forbidden"}
    inner = {
        tuple(detail["loc"])[:-1] for detail in details
    }  # a list is told short of entries that are wrong
    for detail in details:
        place = tuple(detail["loc"])
        meant = detail["type"] == "missing" and place in mistyped
        if not meant and not (detail["type"] == "too_short" and place in inner):
            yield _finding(detail, written)


def _meant(path: Path) -> Path:
    """The known key that was meant by an unknown one: it is not missing, too."""
    return (*path[:-1], did_you_mean(str(path[-1]), known_keys(path[:-1])) or "")


def _finding(detail: ErrorDetails, written: Callable[[Path], str | None]) -> Finding:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    at_key = "[key]" in detail["loc"]
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "ropeway":
        return Finding(path, str(context["message"]), str(context["advice"]), at_key)
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "missing":
        about = _about(path)
        return Finding(
            path[:-1], f"{path[-1]!r} is missing", f"add it: {about}" if about else "add it", at_key=True
        )
    if given is None:
        return Finding(path, "has no value", "give it one, or take the key out", at_key=True)
    if kind == "string_type":
        return _not_text(path, given, written(path))
    if kind == "literal_error":
        return _not_one_of(path, given, str(context["expected"]))
    if kind in _WANTED:
        message, advice = _WANTED[kind]
        return Finding(path, f"{message}, not {_shown(given)}", advice)
    return _out_of_bounds(path, kind, context, str(detail["msg"]))


def _out_of_bounds(path: Path, kind: str, context: Mapping[str, Any], message: str) -> Finding:
    if kind == "too_short":
        return Finding(path, "must not be empty", "add at least one entry", at_key=True)
    if kind == "too_long":
        return Finding(path, f"has more than {context['max_length']} entries", "take some out")
    if kind == "greater_than_equal":
        return Finding(path, f"must be {context['ge']:g} or more", f"write {context['ge']:g} or more")
    if kind == "greater_than":
        return Finding(path, f"must be more than {context['gt']:g}", f"write more than {context['gt']:g}")
    if kind == "less_than_equal":
        return Finding(path, f"must be {context['le']:g} or less", f"write {context['le']:g} or less")
    return Finding(path, message[:1].lower() + message[1:], "see docs/reference/ropeway-yaml.md")


def _unknown(path: Path) -> Finding:
    key, known = str(path[-1]), known_keys(path[:-1])
    meant = did_you_mean(key, known)
    advice = f"did you mean {meant!r}?" if meant else f"known here: {', '.join(known)}"
    return Finding(path, f"unknown key {key!r}", advice, at_key=True)


def _not_text(path: Path, given: Any, text: str | None) -> Finding:
    if isinstance(given, dict | list):
        return Finding(path, f"must be text, not {_shown(given)}", "write one value")
    return Finding(path, f"must be text, not {_shown(given)}", f'write it in quotes: "{text}"')


def _not_one_of(path: Path, given: Any, expected: str) -> Finding:
    known = [each.strip().strip("'") for each in expected.replace(" or ", ", ").split(",")]
    meant = did_you_mean(str(given), known)
    advice = (
        f"did you mean {meant!r}?"
        if meant
        else f"write {known[0]}"
        if len(known) == 1
        else "write one of them"
    )
    return Finding(path, f"{given!r} is not {' or '.join(known)}", advice)


def _shown(given: Any) -> str:
    names = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(given), type(given).__name__)


def _model_at(path: Path) -> type[BaseModel] | None:
    here: Any = Platform
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = _bare(field.annotation) if field else None
        elif typing.get_origin(here) in {dict, tuple}:
            here = _bare(typing.get_args(here)[1 if typing.get_origin(here) is dict else 0])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """An annotation without ``None`` and metadata."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        return _bare(next(each for each in typing.get_args(annotation) if each is not type(None)))
    return annotation


def known_keys(path: Path) -> list[str]:
    """The keys that a mapping at this path may have; none where they are the user's own."""
    model = _model_at(path)
    return list(model.model_fields) if model else []


def _about(path: Path) -> str | None:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    return field.description if field else None


def salvage(data: Any, error: ValidationError) -> Platform | None:
    """The platform without what is wrong, or None where too little is left.

    What an error points at is taken out, or, when something is missing, what it is missing from; what then becomes
    empty is wrong in turn. Rules that look for conflicts may be run on the rest: taking out makes none.
    """
    rest = copy.deepcopy(data)
    numbers = itertools.count()
    for _ in range(_ROUNDS):
        if not isinstance(rest, dict):
            return None
        # From the end: what stands behind in a list is taken out first.
        for detail in reversed(error.errors(include_url=False)):
            path = tuple(part for part in detail["loc"] if part != "[key]")
            missing = detail["type"] == "missing"
            if not (missing and _stand_in(rest, path, next(numbers))):
                _take_out(rest, path[:-1] if missing else path)
        try:
            return Platform.model_validate(rest)
        except ValidationError as again:
            error = again
    return None


# What the rules can do without.
_STAND_INS: Mapping[str, Any] = {
    "version": 1,
    "name": "x",
    "forge": {"kind": "sandbox", "organization": "x"},
    "ci": "jenkins",
}


def _stand_in(data: Any, path: Path, number: int) -> bool:
    """Give a missing key a value that is in conflict with nothing; False when there is no such value."""
    key = str(path[-1])
    account = f"{number:012d}"
    values = _STAND_INS if len(path) == 1 else {"account": account, "operations": {"account": account}}
    if key not in values:
        return False
    for part in path[:-1]:
        data = data.get(part) if isinstance(data, dict) else None
    if isinstance(data, dict):
        data[key] = values[key]
    return isinstance(data, dict)


def _take_out(data: Any, path: Path) -> None:
    """Remove what stands at a path; where a scalar stands above it, remove that."""
    here, steps = data, list[tuple[Any, Any]]()
    part: Any
    for part in path:
        if not isinstance(here, dict | list):
            break
        if part not in (here if isinstance(here, dict) else range(len(here))):
            return  # already gone
        steps.append((here, part))
        here = here[part]
    if steps:
        holder, part = steps[-1]
        del holder[part]

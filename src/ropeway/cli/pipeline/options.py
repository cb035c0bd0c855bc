"""Options that several pipeline commands take, and the source that they lead to."""

from __future__ import annotations

import ast
import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ropeway.cli.app import App
from ropeway.errors import UsageError

if TYPE_CHECKING:
    from ropeway.usecases.source import Source
    from ropeway.usecases.upsert import Upserted

__all__ = ["literal", "load_source", "pairs", "source_options", "upsert_source"]

Function = TypeVar("Function", bound=Callable[..., Any])


def source_options(function: Function) -> Function:
    """``--kwargs`` and ``--name``."""
    function = click.option("--name", help="The pipeline's name; by default the source tells it.")(function)
    return click.option(
        "--kwargs", "kwargs", metavar="DICT", help="Arguments of the function, as JSON or a Python literal."
    )(function)


def literal(text: str | None, kind: type, what: str) -> Any:
    """A JSON document or Python literal of one type; an empty one for no text.

    Raises:
        UsageError: it is neither, or of another type.
    """
    if text is None:
        return kind()
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError) as error:
            raise UsageError(
                f"{what} is neither JSON nor a Python literal: {text}",
                hint=f'for example {what} \'{{"region": "eu-west-1"}}\'' if kind is dict else None,
            ) from error
    if not isinstance(value, kind):
        raise UsageError(f"{what} is a {type(value).__name__}, not a {kind.__name__}: {text}")
    return value


def pairs(texts: Sequence[str], what: str) -> dict[str, str]:
    """``name=value`` texts as a dictionary.

    Raises:
        UsageError: one has no ``=``.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{what} {text!r} is not name=value")
        found[name] = value
    return found


def load_source(app: App, reference: str, kwargs: str | None, name: str | None) -> Source:
    """The source that a command names; a module runs with the target's environment."""
    from ropeway.usecases import source

    arguments = literal(kwargs, dict, "--kwargs")
    if source.is_file(reference):
        return source.load(reference, arguments, name=name)
    session = app.adopt()
    defaults = {
        "account": session.account,
        "region": session.region,
        "role": session.role,
        "bucket": session.default_bucket,
        "default_bucket": session.default_bucket,
    }
    known = {key: value for key, value in defaults.items() if value is not None}
    with contextlib.redirect_stdout(sys.stderr):  # what the user's code prints is no data of ours
        return source.load(reference, arguments, defaults=known, name=name)


def upsert_source(app: App, source: Source, role: str | None, tags: dict[str, str]) -> Upserted:
    """Create or update a source's pipeline on the target."""
    from ropeway.aws.pipelines import PipelinesClient
    from ropeway.aws.storage import FunctionsClient, StorageClient
    from ropeway.usecases.upsert import upsert

    session = app.session
    return upsert(
        source,
        PipelinesClient.of(session),
        StorageClient.of(session),
        FunctionsClient.of(session),
        role=role or source.role or session.role,
        default_bucket=session.default_bucket,
        tags=tags,
        tell=app.output.progress,
    )

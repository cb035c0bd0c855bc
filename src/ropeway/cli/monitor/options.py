"""What the commands of ``ropeway monitor`` share: how data are written, and where S3 is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ropeway.cli.app import App
    from ropeway.drift.reading import Format
    from ropeway.usecases.monitor import Place

__all__ = ["AGAINST", "READING", "form_of", "opened"]

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _together(*decorators: _Decorator) -> _Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


READING = _together(
    click.option(
        "--format",
        "kind",
        type=click.Choice(["csv", "json", "parquet"]),
        help="How the data are written; by their names by default. json is JSON lines.",
    ),
    click.option("--no-header", is_flag=True, help="CSV begins with data; columns are then _c0, _c1, …"),
    click.option("--delimiter", default=",", show_default=True, help="What separates the cells of CSV."),
    click.option("--names", metavar="A,B,…", help="The columns of CSV without a header."),
    click.option(
        "--missing",
        multiple=True,
        metavar="TEXT",
        help="A text that stands for a missing value, besides the empty one; may be repeated.",
    ),
)
AGAINST = _together(
    click.option(
        "--baseline",
        required=True,
        metavar="PLACE",
        help="The folder of a baseline, here or in S3, or data to compare with.",
    ),
    click.option(
        "--policy", metavar="FILE", help="What counts as an alarm: a YAML or JSON file, here or in S3."
    ),
)
_ONE = "write --delimiter ';', or '\\t' for a tab"


def form_of(options: dict[str, Any]) -> Format:
    """How data are written, of the options of ``READING``, which are taken out."""
    from ropeway.drift.reading import MISSING, Format
    from ropeway.errors import UsageError

    delimiter = {"\\t": "\t"}.get(options["delimiter"], options["delimiter"])
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise UsageError(f"--delimiter {options['delimiter']!r}: a delimiter is one character", hint=_ONE)
    del options["delimiter"]
    names = options.pop("names")
    missing = options.pop("missing")
    return Format(
        kind=options.pop("kind"),
        header=not options.pop("no_header") and not names,
        delimiter=delimiter,
        names=tuple(name.strip() for name in names.split(",")) if names else (),
        missing=(*MISSING, *missing),
    )


@contextmanager
def opened(app: App) -> Iterator[Place]:
    """Where files come from and go to; S3 is reached only when an address names it."""
    from ropeway.aws.storage import StorageClient
    from ropeway.usecases.monitor import place

    with place(lambda: StorageClient.of(app.session)) as found:
        yield found

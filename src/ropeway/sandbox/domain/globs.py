"""Patterns with stars as expressions that never look at a text twice.

A plain ``.*`` for each star tries every way to spread a text over the stars: a pattern with eight of them takes longer
than anybody waits, and the whole server with it. What stands between two stars can be taken where it is found first, so
that is written as a lookahead, which is not tried again.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ANYTHING", "expression_of"]

ANYTHING = ".*"
"""The token of a star."""


def expression_of(tokens: Sequence[str]) -> str:
    """A regular expression for ``fullmatch``.

    Args:
        tokens: expressions of fixed length (letters, ``.``), and ``ANYTHING``.
    """
    parts = [""]
    for token in tokens:
        if token == ANYTHING:
            parts.append("")
        else:
            parts[-1] += token
    first, *rest = parts
    if not rest:
        return first
    *middle, last = rest
    found = "".join(f"(?=(?P<p{n}>.*?{part}))(?P=p{n})" for n, part in enumerate(middle) if part)
    return f"{first}{found}{ANYTHING}{last}"

"""Patterns with stars: they match as a plain expression does, and end where one would not."""

from __future__ import annotations

import random
import re

from ropeway.sandbox.domain.events.patterns import compile_pattern
from ropeway.sandbox.domain.globs import expression_of
from ropeway.sandbox.domain.policy.patterns import matches


def test_the_expression_matches_what_a_plain_one_does() -> None:
    draw = random.Random(7)
    for _ in range(3000):
        tokens = draw.choices(["a", "b", ".", ".*"], k=draw.randrange(8))
        text = "".join(draw.choices("abc\n", k=draw.randrange(9)))
        plain = re.fullmatch("".join(tokens), text, re.DOTALL) is not None
        assert (re.fullmatch(expression_of(tokens), text, re.DOTALL) is not None) is plain, (tokens, text)


def test_many_stars_end() -> None:
    text = "a" * 20_000
    wanted = compile_pattern('{"detail": {"key": [{"wildcard": "*a*a*a*a*a*a*a*a*b"}]}}')
    assert not wanted({"detail": {"key": text}})
    assert wanted({"detail": {"key": f"{text}b"}})
    assert not matches("*a*?a*a*a*a*a*a*b", text, ignore_case=True)
    assert matches("*A*?a*${x}*b", f"{text}*b", {"x": ["*"]}, ignore_case=True)

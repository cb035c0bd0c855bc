"""Inputs cut into request bodies."""

from __future__ import annotations

import io

import pytest

from ropeway.sandbox.domain.transform.records import TransformError, payloads


def cut(text: bytes, *, split: bool = True, single: bool = False, limit: int = 0) -> list[bytes]:
    return list(payloads(io.BytesIO(text).read, split=split, single=single, limit=limit))


def test_lines_are_packed_up_to_the_limit() -> None:
    assert cut(b"aa\nbb\ncc\n", limit=6) == [b"aa\nbb\n", b"cc\n"]
    assert cut(b"aa\nbb\ncc", limit=7) == [b"aa\nbb\n", b"cc"]


@pytest.mark.parametrize("limit", range(5, 40))
def test_nothing_is_lost_or_cut_whatever_the_limit(limit: int) -> None:
    text = b"".join(b"%d\n" % (7**n % 99991) for n in range(50))
    bodies = cut(text, limit=limit)
    assert b"".join(body if body.endswith(b"\n") else body + b"\n" for body in bodies) == text
    assert max(map(len, bodies)) <= limit


def test_the_end_of_a_line_is_never_too_much() -> None:
    assert cut(b"aaaa\nbbbb\r\ncccc\n", limit=4) == [b"aaaa", b"bbbb", b"cccc"]


def test_a_line_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TransformError, match="larger than MaxPayloadInMB"):
        cut(b"aa\nbbbbb\ncc\n", limit=4)


def test_without_a_limit_a_line_may_be_larger_than_a_block() -> None:
    line = b"x" * (14 << 20)
    assert cut(line + b"\ny\n") == [line + b"\ny\n"]


def test_single_records_come_without_their_ends() -> None:
    assert cut(b"a\r\n\nb\nc", single=True) == [b"a", b"b", b"c"]


def test_whole_objects_are_one_body_within_the_limit() -> None:
    assert cut(b"a\nb\n", split=False) == [b"a\nb\n"]
    with pytest.raises(TransformError, match="larger than"):
        cut(b"a\nb\n", split=False, limit=3)


@pytest.mark.parametrize("split", [True, False])
def test_an_empty_object_asks_nothing(split: bool) -> None:
    assert cut(b"", split=split) == []

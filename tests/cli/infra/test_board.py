"""Progress without a terminal: lines, and a sign of life after a silence."""

from __future__ import annotations

import json

import pytest

from ropeway.cli.infra.board import Board
from ropeway.cli.output import Output
from ropeway.infra.stream import Reading


def hook(kind: str, address: str, seconds: int) -> str:
    told = {"resource": {"addr": address}, "action": "create", "elapsed_seconds": seconds}
    return json.dumps({"type": kind, "hook": told})


def test_what_goes_on_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with Board(Output(), lambda: now[0]) as board:
        watch = board.watcher("retail/dev")
        board.expect({"retail/dev": 7})
        reading = Reading()
        watch("apply", reading, None)
        for line in (
            hook("apply_start", "aws_x.a", 0),
            hook("apply_start", f"module.{'m' * 70}.aws_x.b", 0),
            hook("apply_complete", "aws_x.a", 2),
            hook("apply_start", "aws_x.c", 0),
            hook("apply_progress", f"module.{'m' * 70}.aws_x.b", 10),
        ):
            watch("apply", reading, reading.feed(line))
        board.draw()
        now[0] = 20.0
        board.draw()
        board.draw()
    assert capsys.readouterr().err.splitlines() == [
        "retail/dev: apply",
        "retail/dev: 1/7  created aws_x.a (2 s)",
        f"retail/dev: 1/7  create …{'m' * 51}.aws_x.b 10 s and 1 more",
    ]

"""Faults on order by command."""

from __future__ import annotations

import json

from tests.cli.conftest import Shell


def test_faults_are_ordered_listed_and_taken_back(shell: Shell) -> None:
    added = shell("sandbox", "faults", "add", "SageMaker.CAPACITY_ERROR", "-n", "3", "--type", "Training")
    assert added.returncode == 0, added.stderr
    assert added.stdout.split() == [
        *("kind", "left", "pipeline", "step", "type"),
        *("SageMaker.CAPACITY_ERROR", "3", "any", "any", "Training"),
    ]
    listed = json.loads(shell("sandbox", "faults", "list", "--output", "json").stdout)
    assert [(fault["kind"], fault["left"]) for fault in listed] == [("SageMaker.CAPACITY_ERROR", 3)]
    assert shell("sandbox", "faults", "clear").stdout == "faults taken back: 1\n"
    assert shell("sandbox", "faults", "list").stdout == "no faults are on order\n"


def test_a_wrong_order_is_told(shell: Shell) -> None:
    unknown = shell("sandbox", "faults", "add", "Weather")
    assert unknown.returncode == 2
    assert "SageMaker.CAPACITY_ERROR" in unknown.stderr
    spared = shell("sandbox", "faults", "add", "Step.THROTTLING", "--type", "Fail")
    assert spared.returncode == 2
    assert "error: Fail steps create nothing, so they meet no faults\n" in spared.stderr

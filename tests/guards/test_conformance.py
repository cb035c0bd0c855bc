"""The conformance page tells the truth of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.sandbox.edge.chain import OWNED
from ropeway.sandbox.edge.conformance import PAGE, main, page, statuses
from ropeway.sandbox.edge.refused import REFUSED
from ropeway.sandbox.operations.loading import load_all
from ropeway.sandbox.operations.service_models import service_model

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page()
    assert main(["--check"]) == 0


@pytest.mark.parametrize("service", sorted(OWNED))
def test_every_operation_of_the_model_has_a_status(service: str) -> None:
    load_all()
    table = statuses(service)
    assert set(table) == set(service_model(service).operation_names)
    assert {status.partition(":")[0] for status in table.values()} <= {
        "real",
        "described",
        "moto",
        "refused",
        "absent",
    }


def test_what_moto_has_is_found_by_its_methods() -> None:
    load_all()
    table = statuses("lambda")
    assert table["CreateFunction"] == "moto"
    assert table["Invoke"] == "real"
    assert table["GetLayerVersionByArn"] == "absent"
    assert statuses("sts")["AssumeRoleWithSAML"] == "moto"


def test_only_operations_of_the_model_are_refused() -> None:
    for service, name in REFUSED:
        assert name in service_model(service).operation_names

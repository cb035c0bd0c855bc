"""Every operation that Ropeway owns is named by a test; every pattern of the models compiles."""

from __future__ import annotations

from pathlib import Path

import pytest
import regex
from botocore import xform_name

from ropeway.sandbox.edge.chain import OWNED
from ropeway.sandbox.edge.codec.validate import compile_pattern
from ropeway.sandbox.operations.loading import load_all
from ropeway.sandbox.operations.registry import owned, services
from ropeway.sandbox.operations.service_models import service_model

TESTS = Path(__file__).parents[1]


def _words() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py") if path != Path(__file__))
    return {word for text in texts for word in regex.findall(r"\w+", text)}


@pytest.mark.parametrize("service", sorted(OWNED))
def test_every_owned_operation_is_in_its_service_s_model(service: str) -> None:
    load_all()
    assert set(owned(service)) <= set(service_model(service).operation_names)


def test_every_service_with_owned_operations_is_owned() -> None:
    load_all()
    assert services() <= set(OWNED)


@pytest.mark.parametrize("service", sorted(OWNED))
def test_every_owned_operation_is_named_by_a_test(service: str) -> None:
    load_all()
    words = _words()
    untried = [name for name in owned(service) if not {name, xform_name(name)} & words]
    assert untried == []


@pytest.mark.parametrize(
    "service", ["events", "lambda", "logs", "s3", "sagemaker", "sagemaker-runtime", "sts"]
)
def test_every_pattern_of_a_model_compiles(service: str) -> None:
    model = service_model(service)
    for name in model.shape_names:
        pattern = model.shape_for(name).metadata.get("pattern")
        if pattern:
            compile_pattern(pattern)

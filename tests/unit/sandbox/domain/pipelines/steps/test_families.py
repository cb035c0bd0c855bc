"""Every family of steps that SDKs emit is accepted, or refused by a message with the step and its type."""

from __future__ import annotations

import pytest

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.pipelines.documents import accept
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.domain.pipelines.steps.refused import REFUSED as REASONS
from tests.unit.sandbox.domain.pipelines.steps.families import ACCEPTED, REFUSED, document


@pytest.mark.parametrize("family", ACCEPTED)
def test_a_family_is_accepted(family: str) -> None:
    steps = ACCEPTED[family]()
    assert {step["Name"] for step in steps} <= set(accept(document(steps), STEP_TYPES).steps)


@pytest.mark.parametrize("family", REFUSED)
def test_a_family_is_refused_with_its_step_and_type(family: str) -> None:
    steps, kind = REFUSED[family]
    with pytest.raises(Invalid, match=rf"step odd: .* steps of type {kind}: "):
        accept(document(steps()), STEP_TYPES)


def test_nothing_that_runs_is_said_not_to() -> None:
    assert not set(REASONS) & set(STEP_TYPES)

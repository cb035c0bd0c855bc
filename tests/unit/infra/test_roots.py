"""Which roots there are, and in which order."""

from __future__ import annotations

import pytest

from ropeway.errors import UsageError
from ropeway.infra.roots import reversed_order, scope, select
from tests.unit.config.examples import GOOD, platform

TWO = (
    GOOD
    + """\
  lending:
    region: eu-west-1
    operations: "777777777777"
    environments:
      lab: {account: "555555555555"}
      prod: {account: "666666666666"}
"""
)


def order(*args: str | None, together: bool = False) -> dict[str, tuple[str, ...]]:
    return {root.name: root.needs for root in select(platform(TWO), *args, together=together)}


def test_each_environment_waits_for_the_one_before_it_and_units_for_none() -> None:
    assert order("retail") == {
        "retail/operations": (),
        "retail/dev": ("retail/operations",),
        "retail/preprod": ("retail/dev",),
        "retail/prod": ("retail/preprod",),
    }
    assert order()["lending/operations"] == ()
    assert order()["lending/lab"] == ("lending/operations",)


def test_together_environments_wait_for_nothing() -> None:
    assert set(order("retail", together=True).values()) == {()}


def test_a_root_that_is_not_chosen_is_not_waited_for() -> None:
    assert order(None, "prod") == {"retail/prod": (), "lending/prod": ()}
    assert order("retail", "operations") == {"retail/operations": ()}


def test_destroying_goes_the_other_way() -> None:
    roots = reversed_order(select(platform(TWO), "lending"))
    assert [(root.name, root.needs) for root in roots] == [
        ("lending/prod", ()),
        ("lending/lab", ("lending/prod",)),
        ("lending/operations", ("lending/lab",)),
    ]


@pytest.mark.parametrize(
    ("unit", "environment", "said"),
    [
        ("shop", None, "there is no unit 'shop'"),
        ("retail", "lab", "unit 'retail' has no environment 'lab'"),
        (None, "live", "no unit has an environment 'live'"),
    ],
)
def test_what_is_not_there_is_told(unit: str | None, environment: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        select(platform(TWO), unit, environment)
    assert "there are" in (caught.value.hint or "")


def test_the_name_to_confirm_narrows_with_the_choice() -> None:
    found = platform(TWO)
    assert scope(found, None, None) == "acme"
    assert scope(found, "retail", None) == "acme/retail"
    assert scope(found, "retail", "dev") == "acme/retail/dev"


def test_stacks_are_two() -> None:
    assert {root.stack for root in select(platform(TWO))} == {"operations", "environment"}

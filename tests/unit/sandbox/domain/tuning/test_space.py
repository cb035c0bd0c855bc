from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropeway.sandbox.domain.errors import Invalid, NotThere
from ropeway.sandbox.domain.tuning.space import Choices, Interval, space_of


def number(low: str, high: str, scale: str = "Auto", *, kind: str = "Continuous") -> dict[str, Any]:
    entry = {"Name": "p", "MinValue": low, "MaxValue": high, "ScalingType": scale}
    return {f"{kind}ParameterRanges": [entry]}


def axis_of(ranges: dict[str, Any]) -> Interval:
    [axis] = space_of(ranges).axes
    assert isinstance(axis, Interval)
    return axis


def test_ranges_become_axes_and_points_become_text() -> None:
    space = space_of(
        {
            **number("1", "5", "Linear", kind="Integer"),
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.01", "MaxValue": "1", "ScalingType": "Logarithmic"}
            ],
            "CategoricalParameterRanges": [{"Name": "b", "Values": ['"x"', '"y"']}],
        }
    )
    assert space.names == ("p", "eta", "b")
    assert space.axes == (Interval(0.5, 5.5), Interval(math.log(0.01), 0.0), Choices(2))
    values = space.values((2.4, math.log(0.1), 1.0))
    assert (values["p"], values["b"]) == ("2", '"y"')
    assert float(values["eta"]) == pytest.approx(0.1)
    assert space.combinations is None


def test_auto_is_logarithmic_over_two_orders_of_magnitude() -> None:
    assert axis_of(number("0.01", "1")) == Interval(math.log(0.01), 0.0)
    assert axis_of(number("0.011", "1")) == Interval(0.011, 1.0)
    assert axis_of(number("0", "1000")) == Interval(0.0, 1000.0)


def test_every_whole_number_has_the_same_share() -> None:
    space = space_of(number("1", "3", "Linear", kind="Integer"))
    [axis] = space.axes
    assert isinstance(axis, Interval)
    steps = 3000
    width = (axis.high - axis.low) / steps
    texts = [space.values((axis.low + (step + 0.5) * width,))["p"] for step in range(steps)]
    assert [texts.count(text) for text in "123"] == [1000, 1000, 1000]
    assert space.values((axis.high,)) == {"p": "3"}


@given(
    scale=st.sampled_from(["Linear", "Logarithmic", "ReverseLogarithmic"]),
    share=st.floats(0, 1),
    low=st.floats(0.001, 0.5),
    width=st.floats(0.0, 0.499),
)
def test_a_value_lies_in_its_range_and_leads_back_to_its_point(
    scale: str, share: float, low: float, width: float
) -> None:
    space = space_of(number(repr(low), repr(low + width), scale))
    [axis] = space.axes
    assert isinstance(axis, Interval)
    place = axis.low + share * (axis.high - axis.low)
    values = space.values((place,))
    assert low <= float(values["p"]) <= low + width
    found = space.point(values)
    assert found is not None
    assert found[0] == pytest.approx(place, rel=1e-6, abs=1e-6)


def test_what_lies_outside_is_no_point() -> None:
    space = space_of(number("0", "1"))
    assert space.point({"p": "0.5"}) == (0.5,)
    assert space.point({"p": "1.5"}) is None
    assert space.point({"p": "text"}) is None
    assert space.point({}) is None


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({}, "At least one"),
        (number("2", "1"), "is empty"),
        (number("-1e308", "1e308"), "too wide"),
        (number("x", "1"), "'x' is not a number"),
        (number("nan", "1"), "'nan' is not a number"),
        (number("1e999", "1"), "not a number"),
        (number("1.5", "2", kind="Integer"), "not an integer"),
        (number("0", "1", "Logarithmic"), "above 0"),
        (number("0", "1", "ReverseLogarithmic"), "ReverseLogarithmic"),
        (number("0", "1", "ReverseLogarithmic", kind="Integer"), "ReverseLogarithmic"),
        ({**number("0", "1"), **number("1", "2", kind="Integer")}, "more than once: p"),
    ],
)
def test_wrong_ranges_are_refused(ranges: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        space_of(ranges)


def test_ranges_are_not_left_to_autotune() -> None:
    with pytest.raises(NotThere, match="Autotune"):
        space_of({"AutoParameters": [{"Name": "p", "ValueHint": "1"}]})

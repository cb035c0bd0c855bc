"""The space of hyperparameters: ranges as axes, points on them, and points as the text that a training job gets.

A numeric range is an interval of *coordinates*, in which it is searched evenly: the value itself (Linear), its
logarithm (Logarithmic), or minus the logarithm of what it lacks to one (ReverseLogarithmic). Auto is Logarithmic
where the range is positive and spans two orders of magnitude or more, Linear otherwise. A categorical range is a
number of choices. So an optimiser needs to know nothing of scales, integers and text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.errors import Invalid, NotThere

__all__ = ["Axis", "Choices", "Interval", "Point", "Space", "space_of"]

_WIDE = 100.0


@dataclass(frozen=True)
class Interval:
    """All coordinates between two bounds."""

    low: float
    high: float


@dataclass(frozen=True)
class Choices:
    """One of ``count`` things; its coordinate is its position."""

    count: int


Axis = Interval | Choices
Point = tuple[float, ...]


@dataclass(frozen=True)
class _Scale:
    there: Callable[[float], float]
    back: Callable[[float], float]


_SCALES = {
    "Linear": _Scale(lambda value: value, lambda place: place),
    "Logarithmic": _Scale(math.log, math.exp),
    "ReverseLogarithmic": _Scale(lambda value: -math.log1p(-value), lambda place: -math.expm1(-place)),
}


@dataclass(frozen=True)
class _Number:
    name: str
    low: float
    high: float
    scale: str
    whole: bool

    @property
    def axis(self) -> Axis:
        # Whole numbers get an equal share each: half a step is added at both ends.
        half = 0.5 if self.whole else 0.0
        there = _SCALES[self.scale].there
        return Interval(there(self.low - half), there(self.high + half))

    def text(self, coordinate: float) -> str:
        value = _SCALES[self.scale].back(coordinate)
        if self.whole:
            return str(min(max(round(value), round(self.low)), round(self.high)))
        return repr(min(max(value, self.low), self.high))

    def coordinate(self, text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        return _SCALES[self.scale].there(value) if self.low <= value <= self.high else None


@dataclass(frozen=True)
class _Category:
    name: str
    values: tuple[str, ...]

    @property
    def axis(self) -> Axis:
        return Choices(len(self.values))

    def text(self, coordinate: float) -> str:
        return self.values[int(coordinate)]

    def coordinate(self, text: str) -> float | None:
        return float(self.values.index(text)) if text in self.values else None


@dataclass(frozen=True)
class Space:
    """The hyperparameters that are tuned."""

    parameters: tuple[_Number | _Category, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters' names."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """One axis per hyperparameter."""
        return tuple(parameter.axis for parameter in self.parameters)

    @property
    def combinations(self) -> int | None:
        """How many points there are, when all ranges are categorical."""
        counts = [len(each.values) for each in self.parameters if isinstance(each, _Category)]
        return math.prod(counts) if len(counts) == len(self.parameters) else None

    def values(self, point: Point) -> dict[str, str]:
        """A point as hyperparameters."""
        return {
            parameter.name: parameter.text(place)
            for parameter, place in zip(self.parameters, point, strict=True)
        }

    def point(self, values: Mapping[str, str]) -> Point | None:
        """Hyperparameters as a point; None when one is missing or outside of its range."""
        places = [parameter.coordinate(values.get(parameter.name, "")) for parameter in self.parameters]
        found = [place for place in places if place is not None]
        return tuple(found) if len(found) == len(places) else None


def space_of(ranges: Mapping[str, Any]) -> Space:
    """The space that ParameterRanges describe.

    Raises:
        Invalid: a range is empty, does not suit its scale, or a name is used twice.
        NotThere: the request leaves ranges to Autotune.
    """
    if ranges.get("AutoParameters"):
        raise NotThere("The sandbox has no Autotune: give ranges instead of AutoParameters.")
    whole = [_number(entry, whole=True) for entry in ranges.get("IntegerParameterRanges", ())]
    continuous = [_number(entry, whole=False) for entry in ranges.get("ContinuousParameterRanges", ())]
    categories = [
        _Category(entry["Name"], tuple(entry["Values"]))
        for entry in ranges.get("CategoricalParameterRanges", ())
    ]
    space = Space((*whole, *continuous, *categories))
    twice = sorted({name for name in space.names if space.names.count(name) > 1})
    if twice:
        raise Invalid(f"Hyperparameter ranges need different names; used more than once: {', '.join(twice)}.")
    if not space.parameters:
        raise Invalid("At least one hyperparameter range must be given.")
    return space


def _number(entry: Mapping[str, Any], *, whole: bool) -> _Number:
    name, scale = entry["Name"], entry.get("ScalingType", "Auto")
    low, high = (_bound(name, entry[member], whole=whole) for member in ("MinValue", "MaxValue"))
    if low > high:
        raise Invalid(
            f"The range of hyperparameter {name} is empty: MinValue {low} is above MaxValue {high}."
        )
    if not math.isfinite(high - low):
        raise Invalid(f"The range of hyperparameter {name} is too wide.")
    if scale == "Auto":
        scale = "Logarithmic" if low > 0 and high / low >= _WIDE else "Linear"
    if scale == "Logarithmic" and low <= 0:
        raise Invalid(f"Hyperparameter {name}: Logarithmic scaling needs a MinValue above 0, not {low}.")
    if scale == "ReverseLogarithmic" and (whole or low < 0 or high >= 1):
        raise Invalid(
            f"Hyperparameter {name}: ReverseLogarithmic scaling is for continuous ranges from 0 to below 1."
        )
    return _Number(name, low, high, scale, whole)


def _bound(name: str, text: str, *, whole: bool) -> float:
    try:
        value = float(int(text)) if whole else float(text)
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        kind = "an integer" if whole else "a number"
        raise Invalid(f"Hyperparameter {name}: {text!r} is not {kind}.")
    return value

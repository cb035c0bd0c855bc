"""``statistics.json`` as SageMaker Model Monitor writes it: a profile with its sketches, written and read.

Statistics that have a histogram but no sketch (they can be made so) are read too: their buckets are then taken as
evenly filled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ropeway.drift.categories import Categories
from ropeway.drift.faults import DriftError
from ropeway.drift.sketch import Sketch
from ropeway.drift.summaries import Column, Numbers, Profile, spelt

__all__ = ["dump_statistics", "load_statistics", "read_document", "read_statistics", "write_document"]

_BUCKETS = 10
_SHOWN = 100
_TYPES = ("Integral", "Fractional", "String", "Unknown")


def dump_statistics(profile: Profile) -> dict[str, Any]:
    """The document of a profile."""
    return {
        "version": 0,
        "dataset": {"item_count": profile.rows},
        "features": [_feature(column) for column in profile.columns.values()],
    }


def _feature(column: Column) -> dict[str, Any]:
    common = {"num_present": column.present, "num_missing": column.missing}
    named = {"name": column.name, "inferred_type": column.type}
    if column.type == "String":
        counts = column.categories.counts if column.text else dict(spelt(column))
        distinct = column.categories.distinct if column.text else len(counts)
        shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if distinct > column.present / 2:  # names and identifiers, which are not compared
            shown = shown[:_SHOWN]
        buckets = [{"value": value, "count": count} for value, count in shown]
        distribution = {"categorical": {"buckets": buckets}}
        return {
            **named,
            "string_statistics": {"common": common, "distinct_count": distinct, "distribution": distribution},
        }
    if not column.numbers.count:
        return (
            {**named, "numerical_statistics": {"common": common}}
            if column.type != "Unknown"
            else {
                **named,
                "string_statistics": {"common": common, "distinct_count": 0},
            }
        )
    numbers = column.numbers
    return {
        **named,
        "numerical_statistics": {
            "common": common,
            "mean": numbers.mean,
            "sum": numbers.sum,
            "std_dev": numbers.deviation,
            "min": numbers.least,
            "max": numbers.greatest,
            "distribution": {"kll": _kll(numbers)},
        },
    }


def _kll(numbers: Numbers) -> dict[str, Any]:
    items, ranks = numbers.sketch.weighted()
    bounds = np.linspace(numbers.least, numbers.greatest, _BUCKETS + 1)
    places = np.searchsorted(items, bounds[1:-1], side="left")
    before = np.concatenate([[0.0], np.concatenate([[0.0], ranks])[places], [ranks[-1]]])
    buckets = [
        {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
        for low, high, count in zip(bounds, bounds[1:], np.diff(before), strict=False)
    ]
    parameters = {"c": numbers.sketch.c, "k": float(numbers.sketch.k)}
    return {"buckets": buckets, "sketch": {"parameters": parameters, "data": numbers.sketch.dump()}}


def load_statistics(document: Mapping[str, Any], where: str = "statistics") -> Profile:
    """The profile in a document.

    Raises:
        DriftError: it is none; the message names the place.
    """
    try:
        features = document["features"]
        rows = int(document.get("dataset", {}).get("item_count", 0))
        columns = [_column(feature, f"{where}: features[{place}]") for place, feature in enumerate(features)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DriftError(f"{where}: these are no statistics of Model Monitor: {error!r}") from error
    return Profile(
        rows or max((column.rows for column in columns), default=0), {each.name: each for each in columns}
    )


def _column(feature: Mapping[str, Any], where: str) -> Column:
    kind = feature["inferred_type"]
    if kind not in _TYPES:
        raise DriftError(f"{where}: inferred_type is {kind!r}; there are {', '.join(_TYPES)}")
    found = feature.get("numerical_statistics") or feature.get("string_statistics") or {}
    common = found.get("common", {})
    present = int(common.get("num_present", 0))
    column = Column(feature["name"], missing=int(common.get("num_missing", 0)), declared=kind)
    if kind == "Integral":
        column.integral = column.whole = present
    elif kind == "Fractional":
        column.fractional = present
    else:
        column.text = present
    if "mean" in found:
        column.numbers = _numbers(found, present)
    categorical = found.get("distribution", {}).get("categorical")
    if categorical:
        counts = {bucket["value"]: int(bucket["count"]) for bucket in categorical.get("buckets", ())}
        column.categories = Categories.of(counts, int(found.get("distinct_count", 0)))
        column.categories.total = max(present, column.categories.total)
    return column


def _numbers(found: Mapping[str, Any], present: int) -> Numbers:
    deviation = float(found.get("std_dev", 0.0))
    kll = found.get("distribution", {}).get("kll", {})
    sketch = kll.get("sketch", {})
    if sketch.get("data"):
        parameters = sketch.get("parameters", {})
        loaded = Sketch.load(sketch["data"], int(parameters.get("k", 2048)), float(parameters.get("c", 0.64)))
    else:
        loaded = _spread(kll.get("buckets", ()))
    ordered, ranks = loaded.weighted()
    below = int(np.concatenate([[0.0], ranks])[np.searchsorted(ordered, 0.0)]) if len(ordered) else 0
    return Numbers(
        count=present,
        mean=float(found["mean"]),
        m2=deviation * deviation * present,
        sum=float(found.get("sum", float(found["mean"]) * present)),
        least=float(found.get("min", math.inf)),
        greatest=float(found.get("max", -math.inf)),
        negative=below,
        sketch=loaded,
    )


def _spread(buckets: Any) -> Sketch:
    """A sketch of evenly filled buckets, of at most as many values as are kept exactly."""
    total = sum(float(bucket["count"]) for bucket in buckets)
    share = min(1.0, 2000 / total) if total else 0.0
    values = [
        np.linspace(bucket["lower_bound"], bucket["upper_bound"], max(1, round(bucket["count"] * share)))
        for bucket in buckets
        if bucket["count"]
    ]
    return Sketch.of(np.concatenate(values)) if values else Sketch()


def read_statistics(path: Path) -> Profile:
    """The profile in a file.

    Raises:
        DriftError: there is none.
    """
    return load_statistics(read_document(path), str(path))


def read_document(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        DriftError: there is none.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DriftError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise DriftError(f"{path}: this is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise DriftError(f"{path}: this is no JSON object")
    return document


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")

"""``constraints.json`` as SageMaker Model Monitor writes it: suggested from a profile, written and read.

What is suggested: each column's type and completeness; that numbers are not negative, where the data speak for
a real limit at zero; the set of categories, where it is small and looks closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ropeway.drift.faults import DriftError
from ropeway.drift.statisticsfile import read_document
from ropeway.drift.summaries import Column, Numbers, Profile, spelt

__all__ = [
    "Constraints",
    "Feature",
    "Monitoring",
    "dump_constraints",
    "load_constraints",
    "read_constraints",
    "suggest",
]

_DOMAIN = 64
_ALONE = 0.01  # the share of texts seen once above which more are to be expected
_SWITCH = {"Enabled": True, "Disabled": False}


@dataclass(frozen=True)
class Monitoring:
    """``monitoring_config``: how the constraints are applied."""

    evaluate: bool = True
    emit: bool = True
    type_share: float = 1.0
    domain_share: float = 1.0
    compare: bool = True
    threshold: float = 0.1
    method: str = "Robust"
    categorical_threshold: float | None = None
    categorical_method: str | None = None


@dataclass(frozen=True)
class Feature:
    """The constraints of a column; None: no such constraint."""

    name: str
    type: str
    completeness: float | None = None
    non_negative: bool | None = None
    domains: tuple[str, ...] | None = None
    monitoring: Monitoring | None = None


@dataclass(frozen=True)
class Constraints:
    """The constraints of a table, its columns in order."""

    features: tuple[Feature, ...]
    monitoring: Monitoring = field(default_factory=Monitoring)

    def of(self, feature: Feature) -> Monitoring:
        """How a column's constraints are applied."""
        return feature.monitoring or self.monitoring

    @property
    def texts(self) -> frozenset[str]:
        """The columns of texts."""
        return frozenset(feature.name for feature in self.features if feature.type == "String")


def suggest(profile: Profile) -> Constraints:
    """Constraints that a profile's data keep."""
    return Constraints(tuple(_suggested(column) for column in profile.columns.values()))


def _suggested(column: Column) -> Feature:
    feature = Feature(column.name, column.type, column.completeness)
    if column.type == "String":
        return replace(feature, domains=_domain(column))
    if column.type == "Unknown":
        return feature
    return replace(feature, non_negative=_bounded(column.numbers, whole=column.type == "Integral"))


def _domain(column: Column) -> tuple[str, ...] | None:
    counts = column.categories.counts if column.text else dict(spelt(column))
    alone = sum(1 for count in counts.values() if count == 1)
    closed = column.categories.exact and len(counts) <= _DOMAIN
    return tuple(sorted(counts)) if closed and alone <= _ALONE * sum(counts.values()) else None


def _bounded(numbers: Numbers, *, whole: bool) -> bool:
    """Whether no number is negative, and not by luck."""
    if numbers.least < 0:
        return False
    if whole or numbers.least > numbers.deviation:
        return True
    items, ranks = numbers.sketch.weighted()
    near = np.searchsorted(items, numbers.deviation / 4, side="right")
    return bool(near) and float(ranks[near - 1]) >= 10


def dump_constraints(constraints: Constraints) -> dict[str, Any]:
    """The document."""
    features = []
    for each in constraints.features:
        entry: dict[str, Any] = {"name": each.name, "inferred_type": each.type}
        if each.completeness is not None:
            entry["completeness"] = each.completeness
        if each.non_negative is not None:
            entry["num_constraints"] = {"is_non_negative": each.non_negative}
        if each.domains is not None:
            entry["string_constraints"] = {"domains": list(each.domains)}
        if each.monitoring is not None:
            entry["monitoringConfigOverrides"] = _dump_monitoring(each.monitoring)
        features.append(entry)
    return {"version": 0, "features": features, "monitoring_config": _dump_monitoring(constraints.monitoring)}


def _dump_monitoring(config: Monitoring) -> dict[str, Any]:
    distribution: dict[str, Any] = {
        "perform_comparison": _switched(config.compare),
        "comparison_threshold": config.threshold,
        "comparison_method": config.method,
    }
    if config.categorical_threshold is not None:
        distribution["categorical_comparison_threshold"] = config.categorical_threshold
    if config.categorical_method is not None:
        distribution["categorical_drift_method"] = config.categorical_method
    return {
        "evaluate_constraints": _switched(config.evaluate),
        "emit_metrics": _switched(config.emit),
        "datatype_check_threshold": config.type_share,
        "domain_content_threshold": config.domain_share,
        "distribution_constraints": distribution,
    }


def _switched(on: bool) -> str:
    return "Enabled" if on else "Disabled"


def load_constraints(document: Mapping[str, Any], where: str = "constraints") -> Constraints:
    """The constraints in a document.

    Raises:
        DriftError: it has none; the message names the place.
    """
    try:
        base = _load_monitoring(document.get("monitoring_config", {}), Monitoring())
        return Constraints(tuple(_load_feature(entry, base) for entry in document["features"]), base)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DriftError(f"{where}: these are no constraints of Model Monitor: {error!r}") from error


def _load_feature(entry: Mapping[str, Any], base: Monitoring) -> Feature:
    numbers = entry.get("num_constraints") or {}
    texts = entry.get("string_constraints") or {}
    # AWS documents the first name, its Python SDK writes the second
    overrides = {
        **(entry.get("monitoringConfigOverrides") or {}),
        **(entry.get("monitoring_config_overrides") or {}),
    }
    completeness = entry.get("completeness")
    domains = texts.get("domains")
    return Feature(
        entry["name"],
        entry["inferred_type"],
        None if completeness is None else float(completeness),
        numbers.get("is_non_negative"),
        None if domains is None else tuple(map(str, domains)),
        _load_monitoring(overrides, base) if overrides else None,
    )


def _load_monitoring(entry: Mapping[str, Any], base: Monitoring) -> Monitoring:
    distribution = entry.get("distribution_constraints", {})
    categorical = distribution.get("categorical_comparison_threshold", base.categorical_threshold)
    return Monitoring(
        _SWITCH[entry["evaluate_constraints"]] if "evaluate_constraints" in entry else base.evaluate,
        _SWITCH[entry["emit_metrics"]] if "emit_metrics" in entry else base.emit,
        float(entry.get("datatype_check_threshold", base.type_share)),
        float(entry.get("domain_content_threshold", base.domain_share)),
        _SWITCH[distribution["perform_comparison"]] if "perform_comparison" in distribution else base.compare,
        float(distribution.get("comparison_threshold", base.threshold)),
        str(distribution.get("comparison_method", base.method)),
        None if categorical is None else float(categorical),
        distribution.get("categorical_drift_method", base.categorical_method),
    )


def read_constraints(path: Path) -> Constraints:
    """The constraints in a file.

    Raises:
        DriftError: there are none.
    """
    return load_constraints(read_document(path), str(path))

"""``python -m ropeway.drift.clarify``: what SageMaker Clarify's image runs, as far as bias goes.

Reads ``analysis_config.json`` and the data set, writes ``analysis.json``. With ``baseline_constraints`` (an earlier
``analysis.json``) it compares, and writes ``constraint_violations.json``: a measure has drifted where it moved by
more than chance explains.

A monitoring schedule's environment gives ``ground_truth_source``: the data set is then what the model was asked in
production, what it answered, and the labels (``livebias``). ``publish_cloudwatch_metrics`` Enabled tells CloudWatch.

Bias after training needs predictions: ``predicted_label`` names their column in the data. Asking a model for them, SHAP
and partial dependence are refused by name.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ropeway.drift.bias import POST_TRAINING, PRE_TRAINING, Bias, Bools, Groups, measure
from ropeway.drift.columns import as_numbers, as_texts, read_columns
from ropeway.drift.environment import ended, located
from ropeway.drift.faults import DriftError
from ropeway.drift.livebias import merged
from ropeway.drift.published import publish
from ropeway.drift.reading import Format
from ropeway.drift.significance import normal_quantile
from ropeway.drift.statisticsfile import read_document, write_document

__all__ = ["main"]

_HOME = "/opt/ml/processing"
_SECTIONS = {"pre_training_bias": PRE_TRAINING, "post_training_bias": POST_TRAINING}
_ALPHA = 0.01
_FEW = 20  # a column of so few different values is one of categories, even if these are numbers
_TYPES = {"text/csv": "csv", "application/jsonlines": "json", "application/x-parquet": "parquet"}


def main() -> int:
    """Run; the exit code."""
    return ended(lambda: _analysed(os.environ))


def _analysed(variables: Mapping[str, str]) -> str:
    config = read_document(_config(located(f"{_HOME}/input/config")))
    source = located(variables.get("dataset_source") or f"{_HOME}/input/data")
    methods = config.get("methods")
    if not isinstance(methods, Mapping):
        raise DriftError("analysis_config.json: methods is missing")
    refused = sorted(set(methods) - {*_SECTIONS, "report"})
    if refused:
        raise DriftError(
            f"analysis_config.json: methods.{refused[0]} is not supported here; {' and '.join(_SECTIONS)} are"
        )
    output = located(variables.get("output_path") or f"{_HOME}/output")
    with tempfile.TemporaryDirectory() as folder:
        if variables.get("ground_truth_source"):
            config = merged(config, source, variables, Path(folder))
            source = Path(folder)
        document, deviations = _measured(config, methods, source)
    write_document(output / "analysis.json", document)
    if variables.get("publish_cloudwatch_metrics") == "Enabled":
        publish(list(_metrics(document)), variables)
    baseline = variables.get("baseline_constraints")
    if not baseline:
        return "Completed: Job completed successfully."
    path = located(baseline)
    violations = _drifted(
        document, read_document(path / "analysis.json" if path.is_dir() else path), deviations
    )
    write_document(output / "constraint_violations.json", {"version": "1.0", "violations": violations})
    if violations:
        return f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
    return "Completed: Job completed successfully with no violations."


def _config(folder: Path) -> Path:
    named = folder / "analysis_config.json"
    found = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return named if named.is_file() or not found else found[0]


_Key = tuple[str, str, str, str]


def _measured(
    config: Mapping[str, Any], methods: Mapping[str, Any], source: Path
) -> tuple[dict[str, Any], dict[_Key, float]]:
    rows = _Rows(config, source)
    document: dict[str, Any] = {"version": "1.0"}
    deviations: dict[_Key, float] = {}
    for section, all_names in _SECTIONS.items():
        if section not in methods:
            continue
        after = section == "post_training_bias"
        facets: dict[str, list[dict[str, Any]]] = {}
        for facet, value, named in rows.facets():
            groups = Groups(named, rows.label, rows.predicted() if after else None, rows.strata())
            found = measure(groups, _chosen(section, methods[section], all_names))
            facets.setdefault(facet, []).append(_entry(value, found, all_names))
            for each in found:
                if each.deviation is not None:
                    deviations[(section, facet, value, each.name)] = each.deviation
        document[f"{section}_metrics"] = {
            "label": rows.label_name,
            "label_value_or_threshold": rows.label_value,
            "facets": facets,
        }
    return document, deviations


def _chosen(section: str, settings: Any, known: Mapping[str, str]) -> Mapping[str, str]:
    wanted = settings.get("methods", "all") if isinstance(settings, Mapping) else "all"
    if wanted == "all":
        return known
    strange = [name for name in wanted if name not in known]
    if strange:
        raise DriftError(
            f"analysis_config.json: methods.{section}: {strange[0]!r} is not among {', '.join(known)}"
        )
    return {name: known[name] for name in wanted}


def _entry(value: str, found: Sequence[Bias], titles: Mapping[str, str]) -> dict[str, Any]:
    metrics = [{"name": each.name, "description": titles[each.name], "value": each.value} for each in found]
    return {"value_or_threshold": value, "metrics": metrics}


class _Rows:
    """The data set as the configuration describes it."""

    def __init__(self, config: Mapping[str, Any], source: Path) -> None:
        self._config = config
        kind = str(config.get("dataset_type", "text/csv"))
        if kind not in _TYPES:
            raise DriftError(
                f"analysis_config.json: dataset_type {kind!r} is not supported here; {', '.join(_TYPES)} are"
            )
        headers = config.get("headers")
        self._names = tuple(map(str, headers)) if headers else ()
        self._form = Format(_TYPES[kind], header=not headers, names=self._names)
        self._source = source
        self._cache: dict[str, Any] = {}
        self.label_name = self._name(config.get("label"), "label")
        values = config.get("label_values_or_threshold")
        self.label = self._matches(self.label_name, values, "label_values_or_threshold")
        self.label_value = _joined(values)

    def facets(self) -> list[tuple[str, str, Bools]]:
        """Each facet's name, value and rows."""
        facets = self._config.get("facet")
        facets = [facets] if isinstance(facets, Mapping) else facets
        if not isinstance(facets, list) or not facets:
            raise DriftError("analysis_config.json: facet is missing")
        if not all(isinstance(facet, Mapping) for facet in facets):
            raise DriftError("analysis_config.json: facet must be a list of objects with name_or_index")
        found = []
        for facet in facets:
            name = self._name(facet.get("name_or_index"), "facet.name_or_index")
            values = facet.get("value_or_threshold")
            if values is None:  # every value is a group of its own
                texts = as_texts(self._column(name))
                found += [(name, value, texts == value) for value in np.unique(texts).tolist()]
            else:
                found.append((name, _joined(values), self._matches(name, values, "facet.value_or_threshold")))
        return found

    def predicted(self) -> Bools:
        """Which rows are predicted to be positive."""
        named = self._config.get("predicted_label")
        if named is None:
            raise DriftError(
                "analysis_config.json: bias after training needs predictions, and this sandbox asks no model for them",
                hint="put them into the data and name their column by predicted_label",
            )
        values = self._config.get("label_values_or_threshold")
        return self._matches(self._name(named, "predicted_label"), values, "label_values_or_threshold")

    def strata(self) -> Any:
        """The strata of conditional measures, or None."""
        named = self._config.get("group_variable")
        return None if named is None else as_texts(self._column(self._name(named, "group_variable")))

    def _name(self, given: Any, key: str) -> str:
        if given is None:
            raise DriftError(f"analysis_config.json: {key} is missing")
        if isinstance(given, int) and self._names:
            if not 0 <= given < len(self._names):
                raise DriftError(f"analysis_config.json: {key}: there is no column {given}")
            return self._names[given]
        return str(given)

    def _column(self, name: str) -> Any:
        if name not in self._cache:
            self._cache.update(read_columns([self._source], self._form, [name]))
        return self._cache[name]

    def _matches(self, name: str, values: Any, key: str) -> Bools:
        """Which rows have one of several values, or are above the one threshold of a column of many numbers."""
        wanted = values if isinstance(values, list) else [values]
        if not wanted or wanted[0] is None:
            raise DriftError(f"analysis_config.json: {key} is missing")
        texts = as_texts(self._column(name))
        if len(wanted) == 1 and isinstance(wanted[0], int | float) and len(np.unique(texts)) > _FEW:
            found: Bools = as_numbers(name, self._column(name)) > float(wanted[0])
            return found
        return np.isin(texts, [_text(value) for value in wanted])


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _joined(values: Any) -> str:
    return ",".join(_text(value) for value in (values if isinstance(values, list) else [values]))


def _drifted(
    document: Mapping[str, Any], baseline: Mapping[str, Any], deviations: Mapping[_Key, float]
) -> list[dict[str, Any]]:
    before = {key: value for key, value in _flat(baseline) if value is not None}
    after = {key: value for key, value in _flat(document) if value is not None}
    shared = [key for key in after if key in before]
    reach = normal_quantile(1 - _ALPHA / (2 * max(1, len(shared)))) * math.sqrt(2)
    found = []
    for key in shared:
        gap = abs(after[key] - before[key])
        if key in deviations and gap > max(1e-9, reach * deviations[key]):
            _, facet, value, name = key
            words = (
                f"Value {after[key]:.6g} does not meet the constraint requirement: "
                f"the baseline has {before[key]:.6g}, and chance explains a gap of {reach * deviations[key]:.2g}"
            )
            found.append(
                {
                    "facet": facet,
                    "facet_value": value,
                    "metric_name": name,
                    "constraint_check_type": "bias_drift_check",
                    "description": words,
                }
            )
    return found


def _flat(document: Mapping[str, Any]) -> list[tuple[_Key, float | None]]:
    return [
        ((section, facet, str(entry["value_or_threshold"]), metric["name"]), metric["value"])
        for section in _SECTIONS
        for facet, entries in document.get(f"{section}_metrics", {}).get("facets", {}).items()
        for entry in entries
        for metric in entry["metrics"]
    ]


def _metrics(document: Mapping[str, Any]) -> Iterator[tuple[str, float, Mapping[str, str]]]:
    """What CloudWatch is told."""
    for section, stage in (("pre_training_bias", "Pre-training"), ("post_training_bias", "Post-Training")):
        told = document.get(f"{section}_metrics", {})
        for (kept, facet, value, name), measured in _flat(document):
            if kept == section and measured is not None:
                yield (
                    f"bias_metric_{name}",
                    measured,
                    {
                        "BiasStage": stage,
                        "Label": told["label"],
                        "LabelValue": told["label_value_or_threshold"],
                        "Facet": facet,
                        "FacetValue": value,
                    },
                )


if __name__ == "__main__":
    sys.exit(main())

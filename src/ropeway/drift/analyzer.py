"""``python -m ropeway.drift.analyzer``: what SageMaker Model Monitor's analyser image runs, by its environment.

Reads ``dataset_source`` as ``dataset_format`` says and writes ``statistics.json`` and ``constraints.json`` to
``output_path``. With ``baseline_constraints`` (and ``baseline_statistics``) it compares, and writes
``constraint_violations.json`` and ``report.html``; the job completes either way, with the message
``CompletedWithViolations: …`` where there are any. ``analysis_type`` MODEL_QUALITY measures a model instead, by
``problem_type`` and the ``…_attribute`` variables. ``drift_policy`` is Ropeway's own: the path of a policy file.

``dataset_format`` ``{"sagemakerCaptureJson": {"captureIndexNames": […]}}`` reads captured requests, those from
``start_time`` to ``end_time`` where these are given. With ``ground_truth_source``, a folder of labels, a model's
predictions are put together with their labels first (``groundtruth``), captured ones by ``sagemakerMergeJson``.
``publish_cloudwatch_metrics`` Enabled writes the metrics for CloudWatch (``published``). Record preprocessors and
post-analytics processors are refused by name.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ropeway.drift import quality as measures
from ropeway.drift.captures import Window, profile_captures
from ropeway.drift.checks import check
from ropeway.drift.columns import as_numbers, as_texts, read_columns
from ropeway.drift.constraints import dump_constraints, read_constraints, suggest
from ropeway.drift.environment import ended, located, threshold_of
from ropeway.drift.faults import DriftError
from ropeway.drift.findings import Result, dump_violations
from ropeway.drift.groundtruth import LABEL, columns_of, pairs
from ropeway.drift.policy import Policy
from ropeway.drift.policyfile import read_policy
from ropeway.drift.profiling import profile_files
from ropeway.drift.published import publish
from ropeway.drift.qualityfile import dump_breaches, dump_quality, dump_thresholds, load_thresholds
from ropeway.drift.reading import MISSING, Format
from ropeway.drift.report import render
from ropeway.drift.statisticsfile import dump_statistics, read_document, read_statistics, write_document
from ropeway.drift.summaries import Profile

__all__ = ["main"]

_REFUSED = ("record_preprocessor_script", "post_analytics_processor_script")
_STATISTICS, _CONSTRAINTS, _VIOLATIONS = "statistics.json", "constraints.json", "constraint_violations.json"


@dataclass(frozen=True)
class _Task:
    """What the environment asks."""

    source: Path
    output: Path
    form: Format
    constraints: Path | None
    statistics: Path | None
    policy: Policy
    publish: bool
    captured: tuple[str, ...]
    window: Window


def main() -> int:
    """Run by the environment; the exit code."""
    return ended(lambda: _analysed(os.environ))


def _analysed(variables: Mapping[str, str]) -> str:
    for name in _REFUSED:
        if variables.get(name):
            raise DriftError(
                f"{name} is not supported by this analyser", hint="process the data in a step before"
            )
    task = _task(variables)
    kind = variables.get("analysis_type") or "DATA_QUALITY"
    if kind == "MODEL_QUALITY":
        found, metrics = _model(task, variables)
    elif kind == "DATA_QUALITY":
        found, metrics = _data(task)
    else:
        raise DriftError(f"analysis_type is {kind!r}; there are DATA_QUALITY and MODEL_QUALITY")
    if task.publish:
        publish([(name, value, {}) for name, value in metrics.items()], variables)
    if found:
        return f"CompletedWithViolations: Job completed successfully with {found} violations."
    return "Completed: Job completed successfully with no violations."


def _task(variables: Mapping[str, str]) -> _Task:
    policy = variables.get("drift_policy")
    rules = read_policy(located(policy)) if policy else Policy()
    form, captured = _format(variables.get("dataset_format", ""))
    if rules.missing is not None:
        form = replace(form, missing=rules.missing)
    return _Task(
        located(_needed(variables, "dataset_source")),
        located(_needed(variables, "output_path")),
        form,
        _file(variables, "baseline_constraints", _CONSTRAINTS),
        _file(variables, "baseline_statistics", _STATISTICS),
        rules,
        variables.get("publish_cloudwatch_metrics") == "Enabled",
        captured,
        Window(variables.get("start_time", ""), variables.get("end_time", "")),
    )


def _needed(variables: Mapping[str, str], name: str) -> str:
    if not variables.get(name):
        raise DriftError(f"the variable {name} is missing from the job's environment")
    return variables[name]


def _file(variables: Mapping[str, str], name: str, inner: str) -> Path | None:
    """A file, or one of that name in a folder."""
    if not variables.get(name):
        return None
    path = located(variables[name])
    return path / inner if path.is_dir() else path


def _format(text: str) -> tuple[Format, tuple[str, ...]]:
    """The format, and the sides of captured requests."""
    try:
        told = json.loads(text) if text else {"csv": {}}
    except ValueError as error:
        raise DriftError(f"dataset_format is no JSON: {text[:80]!r}") from error
    if not isinstance(told, dict) or len(told) != 1:
        raise DriftError(f"dataset_format must name one format, not {text[:80]!r}")
    ((kind, settings),) = told.items()
    settings = settings if isinstance(settings, dict) else {}
    if kind == "csv":
        return Format("csv", header=str(settings.get("header", True)).lower() == "true", missing=MISSING), ()
    if kind in {"json", "parquet"}:
        return Format(kind), ()
    if kind in {"sagemakerCaptureJson", "sagemakerMergeJson"}:
        return Format("json"), tuple(settings.get("captureIndexNames") or ("endpointInput",))
    raise DriftError(
        f"dataset_format {kind!r} is not supported by this analyser; "
        "csv, json, parquet and sagemakerCaptureJson are"
    )


def _data(task: _Task) -> tuple[int, dict[str, float]]:
    constraints = read_constraints(task.constraints) if task.constraints else None
    if task.captured:
        names = [feature.name for feature in constraints.features] if constraints else []
        data = profile_captures(task.source, task.captured, names, task.window)
    else:
        form = replace(task.form, texts=constraints.texts) if constraints else task.form
        data = profile_files([task.source], form)
    suggested = suggest(data)
    write_document(task.output / _STATISTICS, dump_statistics(data))
    write_document(task.output / _CONSTRAINTS, dump_constraints(suggested))
    metrics = {
        f"feature_data_{name}": value
        for column in data.columns.values()
        for name, value in _told(column).items()
    }
    if constraints is None and task.statistics is None:
        return 0, metrics
    baseline = read_statistics(task.statistics) if task.statistics else Profile()
    result = check(data, baseline, constraints, task.policy)
    write_document(task.output / _VIOLATIONS, dump_violations(result.violations))
    (task.output / "report.html").write_text(render(result, task.source.name), encoding="utf-8")
    for finding in result.findings:
        print(f"{finding.severity}: {finding.column}: {finding.text}", flush=True)  # noqa: T201 - the job's log
    return len(result.violations), {**metrics, **_distances(result)}


def _told(column: Any) -> dict[str, float]:
    found = {f"completeness_{column.name}": column.completeness}
    if column.numbers.count and column.type != "String":
        numbers = column.numbers
        found |= {
            f"average_{column.name}": numbers.mean,
            f"min_{column.name}": numbers.least,
            f"max_{column.name}": numbers.greatest,
            f"stddev_{column.name}": numbers.deviation,
        }
    return found


def _distances(result: Result) -> dict[str, float]:
    return {
        f"feature_baseline_drift_{column.name}": column.distance
        for column in result.columns
        if column.distance is not None
    }


def _model(task: _Task, variables: Mapping[str, str]) -> tuple[int, dict[str, float]]:
    problem = _needed(variables, "problem_type")
    if problem not in measures.PROBLEMS:
        raise DriftError(f"problem_type is {problem!r}; there are {', '.join(measures.PROBLEMS)}")
    found = _measured(task, problem, variables)
    write_document(task.output / _STATISTICS, dump_quality(found))
    write_document(task.output / _CONSTRAINTS, dump_thresholds(found))
    metrics = {name: metric.value for name, metric in found.metrics.items()}
    if task.constraints is None:
        return 0, metrics
    held = load_thresholds(read_document(task.constraints), problem, str(task.constraints))
    broken = measures.breaches(found, held, task.policy.alpha)
    write_document(task.output / _VIOLATIONS, dump_breaches(broken))
    for breach in broken:
        print(breach.text, flush=True)  # noqa: T201
    return len(broken), metrics


def _measured(task: _Task, problem: str, variables: Mapping[str, str]) -> measures.Quality:
    merged = variables.get("ground_truth_source")
    truth = variables.get("ground_truth_attribute") or (LABEL if merged else "")
    if not truth:
        raise DriftError("the variable ground_truth_attribute is missing from the job's environment")
    told, chance = variables.get("inference_attribute"), variables.get("probability_attribute")
    if not told and not (chance and problem == "BinaryClassification"):
        raise DriftError("the variable inference_attribute is missing from the job's environment")
    columns = _columns(task, variables, truth, [name for name in (told, chance) if name])
    if problem == "Regression":
        assert told
        return measures.regression(as_numbers(truth, columns[truth]), as_numbers(told, columns[told]))
    labels = as_texts(columns[truth])
    if problem == "MulticlassClassification":
        assert told
        return measures.multiclass(labels, as_texts(columns[told]))
    return measures.binary(
        labels,
        as_texts(columns[told]) if told else None,
        as_numbers(chance, columns[chance]) if chance else None,
        threshold=threshold_of(variables),
    )


def _columns(task: _Task, variables: Mapping[str, str], truth: str, told: Sequence[str]) -> Mapping[str, Any]:
    """Labels and predictions: of one table, or of two that belong together."""
    labels = variables.get("ground_truth_source")
    if not labels:
        return read_columns([task.source], task.form, [truth, *told])
    found = pairs(task.source, located(labels), None if task.captured else task.form, task.window)
    columns = columns_of([pair.answered for pair in found], told)
    return {**columns, **columns_of([{truth: pair.label} for pair in found], [truth])}


if __name__ == "__main__":
    sys.exit(main())

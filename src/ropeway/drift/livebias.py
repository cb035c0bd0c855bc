"""The data set of bias in production: what a model was asked, what it said, and the labels that came later.

They are put together (``groundtruth``) and written as JSON lines, which the bias analysis reads like any data set.
Features have the names of ``headers``, which may name the label too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ropeway.drift.captures import Window
from ropeway.drift.columns import as_numbers, as_texts
from ropeway.drift.environment import located, threshold_of
from ropeway.drift.faults import DriftError
from ropeway.drift.groundtruth import LABEL, Pair, columns_of, pairs
from ropeway.drift.reading import MISSING, Format

__all__ = ["merged"]

_PREDICTED = "predictedLabel"


def merged(
    config: Mapping[str, Any], source: Path, variables: Mapping[str, str], folder: Path
) -> dict[str, Any]:
    """Write the data set into a folder; the configuration that goes with it.

    Raises:
        DriftError: nothing goes together, or the environment does not say what predictions are.
    """
    window = Window(variables.get("start_time", ""), variables.get("end_time", ""))
    found = pairs(source, located(variables["ground_truth_source"]), _form(variables), window)
    label = config.get("label")
    name = label if isinstance(label, str) else LABEL
    headers = [str(each) for each in config.get("headers") or () if str(each) != name]
    wanted = config.get("label_values_or_threshold")
    positive = (wanted if isinstance(wanted, list) else [wanted])[0]
    said = _said(found, variables, positive)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "merged.jsonl").open("w", encoding="utf-8") as target:
        for pair, prediction in zip(found, said, strict=True):
            row = {**_named(pair.asked, headers), name: pair.label, _PREDICTED: prediction}
            target.write(json.dumps(row) + "\n")
    return {
        **config,
        "dataset_type": "application/jsonlines",
        "headers": headers,
        "label": name,
        "predicted_label": _PREDICTED,
    }


def _form(variables: Mapping[str, str]) -> Format | None:
    """The form of batches; None for captured requests."""
    ((kind, settings),) = json.loads(variables.get("dataset_format") or '{"sagemakerMergeJson": {}}').items()
    if kind == "sagemakerMergeJson":
        return None
    return Format(kind, header=str(settings.get("header", True)).lower() == "true", missing=MISSING)


def _named(row: Mapping[str, Any], headers: Sequence[str]) -> Mapping[str, Any]:
    if not row:
        raise DriftError("what was asked is not captured", hint="capture Input as well as Output")
    if len(headers) == len(row) and all(name.startswith("_c") for name in row):
        return dict(zip(headers, row.values(), strict=True))
    return row


def _said(found: Sequence[Pair], variables: Mapping[str, str], positive: Any) -> list[Any]:
    """What was predicted, as the labels spell it."""
    answered = [pair.answered for pair in found]
    told, chance = variables.get("inference_attribute"), variables.get("probability_attribute")
    if told:
        return list(as_texts(columns_of(answered, [told])[told]).tolist())
    if not chance:
        raise DriftError("the job definition names neither InferenceAttribute nor ProbabilityAttribute")
    threshold = threshold_of(variables)
    scores = as_numbers(chance, columns_of(answered, [chance])[chance])
    other = next((pair.label for pair in found if str(pair.label) != str(positive)), f"not {positive}")
    return [positive if score >= threshold else other for score in scores.tolist()]

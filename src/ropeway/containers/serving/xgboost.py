"""``serve`` of the built-in XGBoost: ``python -m ropeway.containers.serving.xgboost``.

Every ``xgboost-model*`` of the model folder (any file, when none is called so) is a Booster, pickled or in XGBoost's
format; several (k-fold) answer with the mean of their predictions. Bodies are libsvm unless the Content-Type says
CSV. A CSV row has the model's features, or one column more: then the first is a label and dropped. Numbers are
written as Python writes the float64 of a float32, vectors as bracketed lists; one line per prediction in a batch
transform, else one line for all.

Left out: recordio-protobuf (415), selectable inference.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # XGBoost imports both when it finds them; a pickled Booster and this program need neither.
    sys.modules["sklearn"] = None  # type: ignore[assignment] # None: not importable
    sys.modules["pandas"] = None  # type: ignore[assignment] # None: not importable

import numpy as np
import xgboost

from ropeway.containers.layout import base
from ropeway.containers.serving.rows import read_csv, read_libsvm
from ropeway.containers.serving.server import Reply, RequestError, is_batch, main

__all__ = ["BoosterHandler", "load"]

if __name__ == "__main__":
    del sys.modules["pandas"]  # large bodies are read by it

_LIBSVM = {"libsvm", "text/libsvm", "text/x-libsvm"}


class BoosterHandler:
    """Answers with the predictions of one Booster, or the mean of several."""

    def __init__(self, boosters: list[Any]) -> None:
        self._boosters = boosters
        self._features = max(int(booster.num_features()) for booster in boosters)

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """Predict for the rows of a body."""
        answer = _answer_type(accept)
        rows = self._rows(body, content_type)
        return _reply(self._predict(rows).tolist() if rows.shape[0] else [], answer)

    def _rows(self, body: bytes, content_type: str | None) -> Any:
        kind = (content_type or "text/libsvm").split(";")[0].strip().lower()
        if kind in {"text/csv", "csv"}:
            return self._fit(read_csv(body))
        if kind not in _LIBSVM:
            raise RequestError(
                415, f"Content-Type {content_type!r} is not supported: text/csv, text/libsvm, text/x-libsvm"
            )
        rows = read_libsvm(body)
        if rows.shape[1] > self._features:
            raise RequestError(
                400,
                f"Feature size of libsvm inference data {rows.shape[1]} is larger than feature size of trained "
                f"model {self._features}.",
            )
        rows.resize((rows.shape[0], self._features))
        return rows

    def _fit(self, rows: Any) -> Any:
        if not rows.shape[0] or rows.shape[1] == self._features:
            return rows
        if rows.shape[1] == self._features + 1:
            return rows[:, 1:]
        raise RequestError(
            400,
            f"Feature size of csv inference data {rows.shape[1]} is not consistent with feature size of trained "
            f"model {self._features}.",
        )

    def _predict(self, rows: Any) -> Any:
        matrix = xgboost.DMatrix(rows, nthread=int(os.environ.get("OMP_NUM_THREADS") or 0) or None)
        predictions = [
            booster.predict(matrix, iteration_range=_rounds(booster), validate_features=False)
            for booster in self._boosters
        ]
        return predictions[0] if len(predictions) == 1 else np.mean(predictions, axis=0)


def load() -> BoosterHandler:
    """The model in the model folder.

    Raises:
        RequestError: no file there is a Booster.
    """
    folder = base() / "model"
    files = sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    named = [path for path in files if path.name.startswith("xgboost-model")]
    if not files:
        raise RequestError(500, f"there is no model file in {folder}")
    return BoosterHandler([_booster(path) for path in named or files])


def _booster(path: Path) -> Any:
    content = path.read_bytes()
    try:
        loaded = pickle.loads(content)
    except Exception:  # noqa: BLE001 - foreign bytes make pickle raise anything; the other format is tried next
        loaded = xgboost.Booster()
        try:
            loaded.load_model(bytearray(content))
        except xgboost.core.XGBoostError as error:
            first = str(error).splitlines()[0]
            raise RequestError(
                500, f"{path.name} is neither a pickled Booster nor saved by it: {first}"
            ) from error
    if not isinstance(loaded, xgboost.Booster):
        raise RequestError(500, f"{path.name} is a pickled {type(loaded).__name__}, not a Booster")
    return loaded


def _rounds(booster: Any) -> tuple[int, int]:
    """Up to the best round, when training stopped early."""
    best = booster.attr("best_iteration")
    return (0, int(best) + 1) if best is not None else (0, 0)


def _answer_type(accept: str | None) -> str:
    default = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
    wanted = (accept or default).split(";")[0].strip().lower()
    wanted = default if wanted in {"", "*/*"} else wanted
    if wanted in {"csv", "text/csv"}:
        return "text/csv"
    if wanted in {"application/json", "application/jsonlines"}:
        return wanted
    raise RequestError(
        406, f"Accept {accept!r} is not supported: text/csv, application/json, application/jsonlines"
    )


def _reply(predictions: list[Any], answer: str) -> Reply:
    if answer == "application/json":
        text = json.dumps({"predictions": [{"score": score} for score in predictions]})
    elif answer == "application/jsonlines":
        text = "".join(json.dumps({"score": score}) + "\n" for score in predictions)
    elif is_batch():
        text = "\n".join(map(str, predictions)) + ("\n" if predictions else "")
    else:
        text = ",".join(map(str, predictions))
    return Reply(text.encode(), answer)


if __name__ == "__main__":
    sys.exit(main(load))

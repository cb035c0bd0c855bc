"""The built-in XGBoost algorithm: ``train`` of SageMaker's XGBoost images when no program is given.

Reads the channels ``train`` and ``validation``, trains, writes ``/opt/ml/model/xgboost-model``: XGBoost's binary
format, or with ``ROPEWAY_MODEL_FORMAT=pickle`` (images before 1.3-1) a pickled Booster. Each round logs a line
``[3]#011train-rmse:0.51#011validation-rmse:0.62``, which SageMaker's metrics are read from. The seed is 0 unless
given, so that the same data gives the same model.

With ``_kfold`` one model per fold is written (``xgboost-model-<n>``) and the mean of the last metrics is logged.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # XGBoost imports both when it finds them, which takes longer than most trainings; this program needs neither.
    sys.modules["sklearn"] = None  # type: ignore[assignment] # None: not importable
    sys.modules["pandas"] = None  # type: ignore[assignment] # None: not importable

import numpy as np
import xgboost

from ropeway.containers.hyperparameters import OBSOLETE, Settings, parse
from ropeway.containers.layout import UserError, base, read_config, write_failure
from ropeway.containers.tabular import Table, read_channel

__all__ = ["main"]

_MODEL = "xgboost-model"


class _RoundLog(xgboost.callback.TrainingCallback):
    """Writes a line per round; ends training early when the job is being stopped."""

    def __init__(self) -> None:
        self.stopping = False
        self.last: dict[str, float] = {}

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - XGBoost's signature
        parts = [f"[{epoch}]"]
        for channel, metrics in evals_log.items():
            for metric, values in metrics.items():
                value = values[-1][0] if isinstance(values[-1], tuple) else values[-1]
                self.last[f"{channel}-{metric}"] = value
                parts.append(f"{channel}-{metric}:{value:.5f}")
        print("#011".join(parts), flush=True)
        return self.stopping


def main() -> int:
    """Train; the exit code."""
    try:
        _train()
    except UserError as error:
        return _fail(str(error))
    except xgboost.core.XGBoostError as error:
        return _fail(f"XGB train call failed with exception:\n{str(error).splitlines()[0]}")
    except Exception as error:  # noqa: BLE001 - border of the process: the job must be told why
        traceback.print_exc()
        return _fail(f"{type(error).__name__}: {error}")
    return 0


def _fail(reason: str) -> int:
    print(f"ERROR: {reason}", file=sys.stderr, flush=True)
    write_failure(reason)
    return 1


def _train() -> None:
    given = read_config("hyperparameters.json")
    settings = parse(given)
    ignored = sorted(OBSOLETE & set(given))
    if ignored:
        print(f"WARNING: this version of XGBoost has no {', '.join(ignored)}; ignored", flush=True)
    channels = read_config("inputdataconfig.json")
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    tables: dict[str, Table] = {
        name: read_channel(
            base() / "input" / "data" / name, channels[name].get("ContentType"), weights=settings.csv_weights
        )
        for name in ("train", "validation")
        if name in channels
    }
    for name, table in tables.items():
        rows, columns = table.features.shape
        print(f"INFO: {name}: {rows} rows, {columns} features", flush=True)
    if settings.folds is None:
        booster, _ = _fit(settings, tables)
        _save(booster, _MODEL)
    else:
        _cross_validate(settings, tables, settings.folds)


def _fit(settings: Settings, tables: dict[str, Table]) -> tuple[Any, dict[str, float]]:
    matrices = {name: _matrix(table) for name, table in tables.items()}
    log = _RoundLog()
    if settings.save_on_termination:
        signal.signal(signal.SIGTERM, lambda _number, _frame: setattr(log, "stopping", True))
    callbacks: list[Any] = [log]
    if settings.early_stopping_rounds is not None:
        # The last channel and the last metric decide, and the best round is the model.
        callbacks.append(
            xgboost.callback.EarlyStopping(
                settings.early_stopping_rounds, data_name=list(tables)[-1], save_best=not _pickles()
            )
        )
    params = {"nthread": int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)), **settings.booster}
    if settings.eval_metrics:
        params["eval_metric"] = list(settings.eval_metrics)
    booster = xgboost.train(
        params,
        matrices["train"],
        num_boost_round=settings.num_round,
        evals=[(matrix, name) for name, matrix in matrices.items()],
        callbacks=callbacks,
        verbose_eval=False,
    )
    return booster, log.last


def _matrix(table: Table) -> Any:
    return xgboost.DMatrix(table.features, label=table.labels, weight=table.weights)


def _cross_validate(settings: Settings, tables: dict[str, Table], folds: int) -> None:
    table = tables["train"]
    rows = len(table.labels)
    if rows < folds:
        raise UserError(f"_kfold={folds} needs at least as many rows; there are {rows}")
    order = np.random.default_rng(int(settings.booster["seed"]))
    results: list[dict[str, float]] = []
    for _ in range(settings.fold_rounds):
        for held in np.array_split(order.permutation(rows), folds):
            rest = np.setdiff1d(np.arange(rows), held)
            parts = {"train": _rows(table, rest), "validation": _rows(table, np.sort(held))}
            booster, last = _fit(settings, parts)
            _save(booster, f"{_MODEL}-{len(results)}")
            results.append(last)
    means = [f"{name}:{np.mean([result[name] for result in results]):.5f}" for name in results[0]]
    print("#011".join([f"[{settings.num_round}]", *means]), flush=True)


def _rows(table: Table, chosen: Any) -> Table:
    weights = None if table.weights is None else table.weights[chosen]
    return Table(table.labels[chosen], table.features[chosen], weights)


def _pickles() -> bool:
    return os.environ.get("ROPEWAY_MODEL_FORMAT") == "pickle"


def _save(booster: Any, name: str) -> None:
    folder: Path = base() / "model"
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(booster) if _pickles() else bytes(booster.save_raw("ubj"))
    (folder / name).write_bytes(content)
    print(f"INFO: saved {name}: {booster.num_boosted_rounds()} rounds, {len(content)} bytes", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""The hyperparameters of SageMaker's built-in XGBoost: names, types and ranges.

All values come as strings. What is unknown or out of range fails the job before any data is read. Some are
accepted for older images and have no meaning in today's XGBoost (``OBSOLETE``): they are checked and not passed on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.containers.layout import UserError

__all__ = ["OBSOLETE", "Settings", "parse"]

OBSOLETE = frozenset(
    {
        "silent",
        "sketch_eps",
        "single_precision_histogram",
        "deterministic_histogram",
        "dsplit",
        "prob_buffer_row",
        "use_dask_gpu_training",
    }
)
_OWN = frozenset(
    {
        "num_round",
        "early_stopping_rounds",
        "csv_weights",
        "eval_metric",
        "save_model_on_termination",
        "_kfold",
        "_num_cv_round",
        "_tuning_objective_metric",
    }
)


@dataclass(frozen=True)
class Settings:
    """A job's hyperparameters, typed.

    Attributes:
        booster: what goes to ``xgboost.train`` as it is.
        folds: k of a cross-validation, or None.
    """

    booster: Mapping[str, Any]
    num_round: int
    early_stopping_rounds: int | None
    csv_weights: bool
    eval_metrics: tuple[str, ...]
    save_on_termination: bool
    folds: int | None
    fold_rounds: int


def parse(given: Mapping[str, str]) -> Settings:
    """Check and type a job's hyperparameters.

    Raises:
        UserError: one is unknown, missing or not what it must be.
    """
    unknown = sorted(set(given) - set(_KNOWN))
    if unknown:
        raise UserError(f"Extraneous hyperparameter found: {', '.join(unknown)}")
    values = {name: _value(name, text) for name, text in given.items()}
    if "num_round" not in values:
        raise UserError("Missing required hyperparameter: num_round")
    objective = str(values.get("objective", "reg:squarederror"))
    if objective.startswith("multi:") and "num_class" not in values:
        raise UserError(f"Require input for parameter 'num_class' for objective {objective}")
    metrics = [name.strip() for name in str(values.get("eval_metric", "")).split(",") if name.strip()]
    tuned = str(values.get("_tuning_objective_metric", "")).partition(":")[2]  # of validation:auc, say
    if tuned and tuned not in metrics:
        metrics.append(tuned)
    passed = {name: value for name, value in values.items() if name not in _OWN | OBSOLETE}
    return Settings(
        booster={"seed": 0, **passed},
        num_round=values["num_round"],
        early_stopping_rounds=values.get("early_stopping_rounds"),
        csv_weights=values.get("csv_weights") == 1,
        eval_metrics=tuple(metrics),
        save_on_termination=values.get("save_model_on_termination") == "true",
        folds=values.get("_kfold"),
        fold_rounds=values.get("_num_cv_round", 1),
    )


def _value(name: str, text: str) -> Any:
    try:
        return _KNOWN[name](text)
    except ValueError as error:
        raise UserError(f"Hyperparameter {name}: {text!r} is not {error}") from error


def _number(low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    """A float of a closed range; with ``above`` the lower end is not in it."""
    wanted = f"a number in {'(' if above else '['}{low}, {high}]"

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(wanted) from None
        if not low <= value <= high or (above and value == low):
            raise ValueError(wanted)
        return value

    return read


def _integer(low: float = -math.inf, high: float = math.inf) -> Callable[[str], int]:
    wanted = f"an integer in [{low}, {high}]"

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(wanted) from None
        if not low <= value <= high:
            raise ValueError(wanted)
        return value

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text

    return read


def _text(text: str) -> str:
    return text


def _lists(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        raise ValueError("a list of lists of feature numbers") from None
    return value


_POSITIVE = _number(0)
_SHARE = _number(0, 1, above=True)
_FLAG = _integer(0, 1)
_KNOWN: dict[str, Callable[[str], Any]] = {
    "num_round": _integer(1),
    "early_stopping_rounds": _integer(1),
    "csv_weights": _FLAG,
    "eval_metric": _text,
    "save_model_on_termination": _one_of("true", "false"),
    "_kfold": _integer(2),
    "_num_cv_round": _integer(1),
    "_tuning_objective_metric": _text,
    "aft_loss_distribution": _one_of("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": _number(0, above=True),
    "alpha": _POSITIVE,
    "base_score": _number(),
    "booster": _one_of("gbtree", "gblinear", "dart"),
    "colsample_bylevel": _SHARE,
    "colsample_bynode": _SHARE,
    "colsample_bytree": _SHARE,
    "deterministic_histogram": _one_of("true", "false"),
    "dsplit": _one_of("row", "col"),
    "eta": _number(0, 1),
    "feature_selector": _one_of("cyclic", "shuffle", "random", "greedy", "thrifty"),
    "gamma": _POSITIVE,
    "grow_policy": _one_of("depthwise", "lossguide"),
    "huber_slope": _number(0, above=True),
    "interaction_constraints": _lists,
    "lambda": _POSITIVE,
    "lambda_bias": _number(0, 1),
    "max_bin": _integer(2),
    "max_cat_threshold": _integer(1),
    "max_cat_to_onehot": _integer(1),
    "max_delta_step": _POSITIVE,
    "max_depth": _integer(0),
    "max_leaves": _integer(0),
    "min_child_weight": _POSITIVE,
    "monotone_constraints": _text,
    "normalize_type": _one_of("tree", "forest"),
    "nthread": _integer(1),
    "num_class": _integer(2),
    "num_parallel_tree": _integer(1),
    "objective": _text,
    "one_drop": _FLAG,
    "prob_buffer_row": _number(1),
    "process_type": _one_of("default", "update"),
    "quantile_alpha": _SHARE,
    "rate_drop": _number(0, 1),
    "refresh_leaf": _FLAG,
    "sample_type": _one_of("uniform", "weighted"),
    "sampling_method": _one_of("uniform", "gradient_based"),
    "scale_pos_weight": _POSITIVE,
    "seed": _integer(),
    "silent": _FLAG,
    "single_precision_histogram": _one_of("true", "false"),
    "sketch_eps": _SHARE,
    "skip_drop": _number(0, 1),
    "subsample": _SHARE,
    "top_k": _integer(0),
    "tree_method": _one_of("auto", "exact", "approx", "hist"),
    "tweedie_variance_power": _number(1, 2),
    "updater": _text,
    "use_dask_gpu_training": _one_of("false"),
    "verbosity": _integer(0, 3),
}

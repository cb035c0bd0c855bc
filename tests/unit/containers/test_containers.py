"""What the programs inside a job read: hyperparameters, tables, the training environment."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ropeway.containers.hyperparameters import parse
from ropeway.containers.layout import UserError
from ropeway.containers.tabular import read_channel
from ropeway.containers.training_env import TrainingEnv, decode


def test_hyperparameters_are_typed() -> None:
    settings = parse(
        {"num_round": "50", "eta": "0.2", "max_depth": "5", "eval_metric": "auc, logloss", "csv_weights": "1"}
    )
    assert settings.num_round == 50
    assert settings.booster == {"seed": 0, "eta": 0.2, "max_depth": 5}
    assert settings.eval_metrics == ("auc", "logloss")
    assert settings.csv_weights


def test_obsolete_hyperparameters_are_checked_and_dropped() -> None:
    assert "silent" not in parse({"num_round": "1", "silent": "0"}).booster
    with pytest.raises(UserError, match="silent: 'no'"):
        parse({"num_round": "1", "silent": "no"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_round", "0"),
        ("num_round", "1.5"),
        ("subsample", "0"),
        ("eta", "2"),
        ("booster", "tree"),
        ("seed", "x"),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: str) -> None:
    with pytest.raises(UserError, match=f"Hyperparameter {name}: '{value}' is not"):
        parse({"num_round": "1", name: value})


def channel(folder: Path, **files: str) -> Path:
    path = folder / "train"
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_csv_has_the_label_first_and_gaps_are_missing_values(tmp_path: Path) -> None:
    path = channel(tmp_path, b="3,,5\n", a="1,2,3\n", _SUCCESS="x")
    table = read_channel(path, "text/csv", weights=False)
    assert table.labels.tolist() == [1.0, 3.0]
    assert table.features[0].tolist() == [2.0, 3.0]
    assert np.isnan(table.features[1][0])
    assert table.weights is None


def test_csv_may_have_weights_and_another_delimiter(tmp_path: Path) -> None:
    table = read_channel(channel(tmp_path, a="1;0.5;2\n0;2;4\n"), "csv;label_size=1", weights=True)
    assert table.weights is not None
    assert table.weights.tolist() == [0.5, 2.0]
    assert table.features.tolist() == [[2.0], [4.0]]


def test_libsvm_is_sparse(tmp_path: Path) -> None:
    table = read_channel(channel(tmp_path, a="1 0:2 3:4 # note\n\n0:0.5 1:1\n"), None, weights=False)
    assert table.features.shape == (2, 4)
    assert table.features.toarray()[0].tolist() == [2.0, 0.0, 0.0, 4.0]
    assert table.weights is not None
    assert table.weights.tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("text", "content_type", "words"),
    [
        ("", "text/csv", "No data files"),
        ("1\n2\n", "text/csv", "no features after the label"),
        ("1,2\n1,2,3\n", "text/csv", "row 2: 3 columns instead of 2"),
        ("1,x\n", "text/csv", "'x' is not a number"),
        ("1,2\n", "text/csv;label_size=2", "only label_size=1"),
        ("1 a:b\n", "libsvm", "line 1: not in libsvm format"),
        ("1 2\n", "application/json", "not an accepted ContentType"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, content_type: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        read_channel(channel(tmp_path, rows=text), content_type, weights=False)
    assert words in str(caught.value)


def test_hyperparameters_of_scripts_are_json_when_they_can_be() -> None:
    assert [decode(text) for text in ("10", '"a"', "a b", "true", "[1]", "")] == [
        10,
        "a",
        "a b",
        True,
        [1],
        "",
    ]


def test_a_script_s_environment_comes_from_its_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "input/config"
    config.mkdir(parents=True)
    given = {"sagemaker_program": '"train.py"', "n": "1", "deep-er": '{"a": 1}'}
    (config / "hyperparameters.json").write_text(json.dumps(given), encoding="utf-8")
    (config / "inputdataconfig.json").write_text('{"train": {}}', encoding="utf-8")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    training = TrainingEnv.read()
    variables = training.variables()
    assert training.arguments() == ["--deep-er", "{'a': 1}", "-n", "1"]
    assert variables["SM_HP_DEEP-ER"] == '{"a": 1}'
    assert variables["SM_CHANNEL_TRAIN"] == str(tmp_path / "input/data/train")
    assert variables["SM_MODULE_NAME"] == "train"
    assert json.loads(variables["SM_TRAINING_ENV"])["hyperparameters"] == {"n": 1, "deep-er": {"a": 1}}


def test_script_mode_needs_a_program() -> None:
    with pytest.raises(UserError, match="sagemaker_program"):
        _ = TrainingEnv({}, {}, {}, {}).program

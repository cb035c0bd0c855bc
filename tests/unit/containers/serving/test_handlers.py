"""The serving programs without their process: XGBoost, scripts, scikit-learn's handlers."""

from __future__ import annotations

import io
import json
import pickle
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xgboost

from ropeway.containers.serving import script, sklearn
from ropeway.containers.serving.rows import read_csv, read_libsvm
from ropeway.containers.serving.server import RequestError
from ropeway.containers.serving.xgboost import BoosterHandler, load

ROWS = np.array([[0.5, 1.0, 2.0], [-1.0, 0.25, 3.5]], np.float32)
CSV = b"0.5,1.0,2.0\n-1.0,0.25,3.5\n"


def train(objective: str = "reg:squarederror", **extra: Any) -> Any:
    rows = np.random.default_rng(1).normal(size=(90, 3))
    data = xgboost.DMatrix(rows, label=np.arange(90) % 3)
    return xgboost.train({"objective": objective, "max_depth": 2, "seed": 0, **extra}, data, 3)


@pytest.fixture(scope="module")
def booster() -> Any:
    return train()


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    (tmp_path / "model" / "code").mkdir(parents=True)
    return tmp_path / "model"


def scores(booster: Any) -> list[Any]:
    found: list[Any] = booster.predict(xgboost.DMatrix(ROWS)).tolist()
    return found


def test_a_batch_has_a_line_per_prediction_and_a_request_one_for_all(
    booster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = BoosterHandler([booster])
    assert handler.invoke(CSV, "text/csv", None).body.decode() == ",".join(map(str, scores(booster)))
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    lines = handler.invoke(CSV, "text/csv", None).body.decode()
    assert lines == "".join(f"{score}\n" for score in scores(booster))


def test_a_label_column_is_dropped(booster: Any) -> None:
    labelled = b"1,0.5,1.0,2.0\n0,-1.0,0.25,3.5\n"
    handler = BoosterHandler([booster])
    assert handler.invoke(labelled, "text/csv", None) == handler.invoke(CSV, "text/csv", None)


def test_vectors_are_bracketed_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    soft = train("multi:softprob", num_class=3)
    lines = BoosterHandler([soft]).invoke(CSV, "text/csv", None).body.decode().splitlines()
    assert lines == [str(row) for row in scores(soft)]


def test_bodies_without_a_type_are_libsvm(booster: Any) -> None:
    handler = BoosterHandler([booster])
    dense = handler.invoke(b"0.5,1.0,2.0", "text/csv", None)
    assert handler.invoke(b"1 0:0.5 1:1.0 2:2.0", None, None) == dense
    with pytest.raises(RequestError, match="not in libsvm format") as caught:
        handler.invoke(CSV, None, None)
    assert caught.value.status == 400


def test_json_answers_name_scores(booster: Any) -> None:
    reply = BoosterHandler([booster]).invoke(CSV, "text/csv", "application/json")
    assert json.loads(reply.body) == {"predictions": [{"score": score} for score in scores(booster)]}
    assert reply.content_type == "application/json"


@pytest.mark.parametrize(
    ("body", "kind", "accept", "status"),
    [
        (b"1,2\n", "text/csv", None, 400),
        (b"1,2,3,4,5\n", "text/csv", None, 400),
        (b"1,2,3\n1,2\n", "text/csv", None, 400),
        (b"a,b,c\n", "text/csv", None, 400),
        (b"\xff,1,2\n", "text/csv", None, 400),
        (b"1 9:1\n", "text/libsvm", None, 400),
        (b"", "application/x-recordio-protobuf", None, 415),
        (CSV, "text/csv", "image/png", 406),
    ],
)
def test_bad_requests_are_the_caller_s_fault(
    booster: Any, body: bytes, kind: str, accept: str | None, status: int
) -> None:
    with pytest.raises(RequestError) as caught:
        BoosterHandler([booster]).invoke(body, kind, accept)
    assert caught.value.status == status


def test_no_rows_have_no_predictions(booster: Any) -> None:
    assert BoosterHandler([booster]).invoke(b"\n", "text/csv", None).body == b""


@pytest.mark.parametrize("form", ["pickle", "ubj", "json"])
def test_models_load_in_every_format(booster: Any, model: Path, form: str) -> None:
    content = pickle.dumps(booster) if form == "pickle" else bytes(booster.save_raw(form))
    (model / "xgboost-model").write_bytes(content)
    assert load().invoke(CSV, "text/csv", None) == BoosterHandler([booster]).invoke(CSV, "text/csv", None)


def test_folds_answer_with_their_mean(model: Path) -> None:
    parts = [train(seed=0), train(eta=0.9)]
    for number, part in enumerate(parts):
        (model / f"xgboost-model-{number}").write_bytes(bytes(part.save_raw("ubj")))
    answer = load().invoke(CSV, "text/csv", None).body.decode().split(",")
    mean = np.mean([scores(part) for part in parts], axis=0)
    assert np.allclose([float(score) for score in answer], mean)


@pytest.mark.parametrize("content", [b"nonsense", pickle.dumps({"no": "Booster"})])
def test_what_is_no_model_is_told(model: Path, content: bytes) -> None:
    (model / "xgboost-model").write_bytes(content)
    with pytest.raises(RequestError, match="xgboost-model is "):
        load()


def test_empty_cells_are_missing_values() -> None:
    assert np.isnan(read_csv(b"1,,3\n")[0, 1])


def test_large_and_small_bodies_read_the_same() -> None:
    rows = np.random.default_rng(2).normal(size=(20_000, 8)).astype(np.float32)
    text = "\n".join(",".join(map(str, row)) for row in rows.tolist()).encode()
    assert len(text) > 1 << 20
    assert (read_csv(text) == rows).all()


def test_a_short_row_in_a_large_body_is_found() -> None:
    text = b"1,2,3\n" * 300_000 + b"1,2\n1,2,3,4\n"
    with pytest.raises(RequestError, match="CSV row 300001 has 2 columns instead of 3"):
        read_csv(text)


def test_libsvm_rows_may_be_empty() -> None:
    assert read_libsvm(b"0\n1 1:2\n").toarray().tolist() == [[0.0, 0.0], [0.0, 2.0]]


def module(**functions: Any) -> ModuleType:
    made = ModuleType("inference")
    vars(made).update(
        {"model_fn": lambda _folder: SimpleNamespace(predict=lambda rows: rows * 2), **functions}
    )
    return made


def array_handler(**functions: Any) -> script.ScriptHandler:
    return script.ScriptHandler(module(**functions), sklearn.ArrayDefaults(), Path("model"))


def test_the_default_handlers_read_and_write_arrays() -> None:
    handler = array_handler()
    assert json.loads(handler.invoke(b"[[1, 2]]", "application/json", None).body) == [[2.0, 4.0]]
    assert handler.invoke(b"1,2\n", "text/csv", "text/csv").body == b"2.0,4.0\n"
    content = io.BytesIO()
    np.save(content, ROWS)
    reply = handler.invoke(content.getvalue(), "application/x-npy", "application/x-npy")
    assert (np.load(io.BytesIO(reply.body)) == ROWS * 2).all()


@pytest.mark.parametrize(
    ("body", "kind", "accept", "status"),
    [
        (b"1", "image/png", None, 415),
        (b"1\n", "text/csv", "image/png", 406),
        (b'{"a"', "application/json", None, 400),
        (b"no npy", "application/x-npy", None, 400),
    ],
)
def test_arrays_that_cannot_be_read_or_written(
    body: bytes, kind: str, accept: str | None, status: int
) -> None:
    with pytest.raises(RequestError) as caught:
        array_handler().invoke(body, kind, accept)
    assert caught.value.status == status


def test_the_module_s_functions_come_first_and_may_name_the_type() -> None:
    handler = array_handler(
        input_fn=lambda body, kind: f"{kind}:{body}",
        predict_fn=lambda data, _model: data.upper(),
        output_fn=lambda prediction, accept: (f"{prediction}:{accept}", "text/x-own"),
    )
    reply = handler.invoke(b"a", "text/csv", "b")
    assert (reply.body, reply.content_type) == (b"TEXT/CSV:A:b", "text/x-own")


def test_transform_fn_does_not_mix_with_the_others() -> None:
    with pytest.raises(RequestError, match="defines transform_fn and predict_fn"):
        array_handler(transform_fn=lambda *_: "", predict_fn=lambda *_: "")


def test_a_module_without_model_fn_is_refused() -> None:
    made = module()
    del vars(made)["model_fn"]
    with pytest.raises(RequestError, match="has no model_fn"):
        script.ScriptHandler(made, sklearn.ArrayDefaults(), Path("model"))


def test_the_module_is_inference_py_of_the_model_s_code(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(RequestError, match=r"there is no inference.py in"):
        script.load()
    source = "def model_fn(folder): return folder\ndef transform_fn(m, b, c, a): return m + b, c\n"
    (model / "code" / "inference.py").write_text(source, encoding="utf-8")
    assert script.load().invoke(b"!", "text/csv", None).body.decode() == f"{model}!"
    del sys.modules["inference"]

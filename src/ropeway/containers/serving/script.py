"""``serve`` of script mode: ``python -m ropeway.containers.serving.script``, by the inference toolkit's contract.

The user's module is SAGEMAKER_PROGRAM (``inference.py``) in the folder SAGEMAKER_SUBMIT_DIRECTORY, or else ``code`` of
the model folder. It may define ``model_fn(model_dir)``, ``input_fn(body, content_type)``, ``predict_fn(data, model)``
and ``output_fn(prediction, accept)`` (a body, or a pair of body and content type), or in place of the last three
``transform_fn(model, body, content_type, accept)``. A framework's ``Defaults`` stand in for what is missing.
Text types reach ``input_fn`` as str, others as bytes.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ropeway.containers.layout import base
from ropeway.containers.serving.server import Reply, RequestError, main

__all__ = ["Defaults", "ScriptHandler", "load"]

_TEXTS = {"text/csv", "text/plain", "application/json", "application/jsonlines", "text/libsvm"}
_DEFAULT_ACCEPT = "application/json"


class Defaults:
    """What a module gets when it does not define a function; frameworks override these."""

    def model_fn(self, model_dir: str) -> Any:
        """Load the model."""
        raise RequestError(500, f"the module has no model_fn to load the model in {model_dir}")

    def input_fn(self, body: Any, content_type: str) -> Any:  # noqa: ARG002 - the contract's signature
        """Turn a body into what ``predict_fn`` takes: here the body itself."""
        return body

    def predict_fn(self, data: Any, model: Any) -> Any:
        """Predict."""
        return model.predict(data) if hasattr(model, "predict") else model(data)

    def output_fn(self, prediction: Any, accept: str) -> Any:
        """Turn a prediction into a body: here it must be one."""
        if isinstance(prediction, (bytes, str)):
            return prediction, accept
        raise RequestError(
            500, f"predict_fn gave a {type(prediction).__name__}: define output_fn to encode it"
        )


class ScriptHandler:
    """Answers with the functions of a user's module."""

    def __init__(self, module: ModuleType, defaults: Defaults, model_dir: Path) -> None:
        self._transform: Callable[..., Any] | None = getattr(module, "transform_fn", None)
        own = [name for name in ("input_fn", "predict_fn", "output_fn") if hasattr(module, name)]
        if self._transform is not None and own:
            raise RequestError(
                500, f"{module.__name__} defines transform_fn and {', '.join(own)}: only one way is allowed"
            )
        self._input: Callable[..., Any] = getattr(module, "input_fn", defaults.input_fn)
        self._predict: Callable[..., Any] = getattr(module, "predict_fn", defaults.predict_fn)
        self._output: Callable[..., Any] = getattr(module, "output_fn", defaults.output_fn)
        self._model = getattr(module, "model_fn", defaults.model_fn)(str(model_dir))

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """Run the functions over a body."""
        kind = content_type or "application/json"
        wanted = accept or os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _DEFAULT_ACCEPT)
        wanted = _DEFAULT_ACCEPT if wanted.strip() == "*/*" else wanted
        given = _text(body) if kind.split(";")[0].strip().lower() in _TEXTS else body
        if self._transform is not None:
            return _reply(self._transform(self._model, given, kind, wanted), wanted)
        prediction = self._predict(self._input(given, kind), self._model)
        return _reply(self._output(prediction, wanted), wanted)


def load(defaults: Defaults | None = None) -> ScriptHandler:
    """The user's module with its model loaded.

    Raises:
        RequestError: the module is not there.
    """
    model = base() / "model"
    given = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    code = Path(given) if given.startswith("/") and Path(given).is_dir() else model / "code"
    program = os.environ.get("SAGEMAKER_PROGRAM") or "inference.py"
    if not (code / program).is_file():
        raise RequestError(500, f"there is no {program} in {code}")
    sys.path[:0] = [str(code), str(code / "lib")]
    module = importlib.import_module(program.removesuffix(".py").replace("/", "."))
    return ScriptHandler(module, defaults or Defaults(), model)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(400, f"The body is not UTF-8 text: {error}") from error


def _reply(answer: Any, accept: str) -> Reply:
    body, kind = answer if isinstance(answer, tuple) else (answer, accept)
    if isinstance(body, str):
        body = body.encode("utf-8")
    if not isinstance(body, (bytes, bytearray)):
        raise RequestError(500, f"the answer is a {type(body).__name__}, not bytes or str")
    return Reply(bytes(body), str(kind))


if __name__ == "__main__":
    sys.exit(main(load))

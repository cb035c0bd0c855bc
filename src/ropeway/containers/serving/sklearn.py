"""``serve`` of scikit-learn's image: script mode, with handlers for CSV, JSON and npy.

``model_fn`` must be the user's. Inputs become arrays of 32-bit floats, ``model.predict`` predicts, and the answer is
what Accept asks for: JSON unless it says otherwise.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import numpy as np

from ropeway.containers.serving.rows import read_csv
from ropeway.containers.serving.script import Defaults, ScriptHandler
from ropeway.containers.serving.script import load as load_script
from ropeway.containers.serving.server import RequestError, main

__all__ = ["ArrayDefaults", "load"]

_KNOWN = "text/csv, application/json, application/x-npy"


class ArrayDefaults(Defaults):
    """Arrays in, arrays out."""

    def input_fn(self, body: Any, content_type: str) -> Any:
        """A body as an array."""
        kind = content_type.split(";")[0].strip().lower()
        if kind == "text/csv":
            return read_csv(body if isinstance(body, bytes) else body.encode())
        if kind == "application/json":
            try:
                return np.array(json.loads(body), dtype=np.float32)
            except (ValueError, TypeError) as error:
                raise RequestError(400, f"The body is no JSON array of numbers: {error}") from error
        if kind == "application/x-npy":
            try:
                return np.load(io.BytesIO(body), allow_pickle=False).astype(np.float32)
            except (ValueError, EOFError) as error:
                raise RequestError(400, f"The body is not in npy format: {error}") from error
        raise RequestError(415, f"Content-Type {content_type!r} is not supported: {_KNOWN}")

    def predict_fn(self, data: Any, model: Any) -> Any:
        """Predict; no rows have no predictions."""
        return model.predict(data) if len(data) else np.empty((0,), np.float32)

    def output_fn(self, prediction: Any, accept: str) -> Any:
        """An array as a body."""
        wanted = accept.split(";")[0].strip().lower()
        array = np.asarray(prediction)
        if wanted == "application/json":
            return json.dumps(array.tolist()), wanted
        if wanted == "text/csv":
            return "".join(f"{_line(row)}\n" for row in array.tolist()), wanted
        if wanted == "application/x-npy":
            content = io.BytesIO()
            np.save(content, array)
            return content.getvalue(), wanted
        raise RequestError(406, f"Accept {accept!r} is not supported: {_KNOWN}")


def _line(row: Any) -> str:
    return ",".join(map(str, row)) if isinstance(row, list) else str(row)


def load() -> ScriptHandler:
    """The user's module over the array handlers."""
    return load_script(ArrayDefaults())


if __name__ == "__main__":
    sys.exit(main(load))

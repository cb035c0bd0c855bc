"""The JSON Schema of ``ropeway.yaml``, for editors.

``python -m ropeway.config.schema`` writes ``docs/reference/ropeway.schema.json``; a test checks that it is current. The
schema knows types, patterns and keys; what keys must be to each other only ``ropeway validate`` knows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ropeway.config.model import Platform

__all__ = ["PAGE", "main", "schema", "text"]

PAGE = "docs/reference/ropeway.schema.json"


def schema() -> dict[str, Any]:
    """The schema, as draft 2020-12."""
    found = Platform.model_json_schema()
    found.pop("description", None)
    operations = found["$defs"]["Operations"]
    # A number alone will do.
    found["$defs"]["Operations"] = {
        "description": operations.pop("description"),
        "anyOf": [dict(operations["properties"]["account"]), operations],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_plain(found),
        "title": "ropeway.yaml",
    }


def _plain(node: Any) -> Any:
    """Without the titles that pydantic makes of names, and without ``null``: a key has a value or is not there."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("anyOf"), list):
        others = [each for each in node["anyOf"] if each != {"type": "null"}]
        if len(others) == 1:
            node = {**others[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    if isinstance(node.get("default", ""), dict | list | type(None)):
        node = {key: value for key, value in node.items() if key != "default"}
    if "patternProperties" in node:
        node = {**node, "additionalProperties": False}
    names = {"properties", "$defs", "patternProperties"}
    return {
        key: {name: _plain(each) for name, each in value.items()} if key in names else _plain(value)
        for key, value in node.items()
        if key != "title"
    }


def text() -> str:
    """The schema as a file's text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    (Path(__file__).resolve().parents[3] / PAGE).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()

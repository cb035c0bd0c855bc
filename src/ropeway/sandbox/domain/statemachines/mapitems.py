"""What a distributed Map state goes through: objects of a bucket, or what is in one JSON, JSON lines or CSV object."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.values import strictjson

__all__ = ["DELIMITERS", "FAILED", "GET", "LIST", "TYPES", "read_items"]

LIST, GET = "arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::s3:getObject"
FAILED = "States.ItemReaderFailed"
TYPES = ("CSV", "JSON", "JSONL")
DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def read_items(objects: ObjectStore, who: str, reader: Mapping[str, Any]) -> list[Any]:
    """The items of an ItemReader.

    Args:
        objects: S3.
        who: the role that reads.
        reader: ``resource``, ``parameters``, and ``config`` with ReaderConfig's members computed.

    Raises:
        StateError: ``States.ItemReaderFailed``.
    """
    parameters, config = reader["parameters"], reader["config"]
    most = config.get("MaxItems")
    try:
        found = (
            _listed(objects, who, parameters) if reader["resource"] == LIST else _held(objects, who, reader)
        )
        return list(found if most is None else islice(found, int(most)))
    except DomainError as error:
        raise StateError(FAILED, error.message) from error
    except (ValueError, TypeError, LookupError, csv.Error) as error:
        raise StateError(FAILED, f"{type(error).__name__}: {error}") from error


def _listed(objects: ObjectStore, who: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for info in objects.list(who, parameters["Bucket"], parameters.get("Prefix", "")):
        yield {
            "Etag": info.etag,
            "Key": info.key,
            "LastModified": int(info.modified),
            "Size": info.size,
            "StorageClass": "STANDARD",
        }


def _held(objects: ObjectStore, who: str, reader: Mapping[str, Any]) -> Iterator[Any]:
    parameters, config = reader["parameters"], reader["config"]
    content = objects.read(who, parameters["Bucket"], parameters["Key"], parameters.get("VersionId"))
    text = content.decode("utf-8-sig")
    kind = config.get("InputType")
    if kind == "CSV":
        return _rows(text, config)
    if kind == "JSONL":
        return (strictjson.loads(line) for line in text.split("\n") if line.strip())
    document = _at(strictjson.loads(text), config.get("ItemsPointer", ""))
    if isinstance(document, Mapping):
        return iter([{"Key": key, "Value": value} for key, value in document.items()])
    if not isinstance(document, list):
        raise StateError(FAILED, f"{parameters['Key']} holds no array")
    return iter(document)


def _at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def _rows(text: str, config: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    )
    given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = list(config["CSVHeaders"]) if given else next(rows, [])
    for row in rows:
        if row:
            padded = [*row, *[""] * (len(headers) - len(row))]
            yield dict(zip(headers, padded, strict=False))

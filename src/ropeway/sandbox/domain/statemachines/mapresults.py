"""What ResultWriter leaves in S3: a manifest, and the children that succeeded and those that failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.sandbox.domain.statemachines.model import SUCCEEDED, Execution, MapRun

__all__ = ["PUT", "write"]

PUT = "arn:aws:states:::s3:putObject"


def write(objects: ObjectStore, run: MapRun, children: Sequence[Execution]) -> dict[str, Any]:
    """Write a run's results; returns what the state gives in their place.

    Raises:
        DomainError: S3 does not take them.
    """
    assert run.writer is not None
    parameters: Mapping[str, Any] = run.writer["parameters"]
    if "Bucket" not in parameters:
        raise Invalid("ResultWriter needs a Bucket")
    bucket, prefix = parameters["Bucket"], str(parameters.get("Prefix", "")).rstrip("/")
    folder = f"{prefix}/{run.arn.rpartition(':')[2]}".lstrip("/")
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for kind, good in (("SUCCEEDED", True), ("FAILED", False)):
        chosen = [_told(run, each) for each in children if (each.status == SUCCEEDED) is good]
        if chosen:
            content = json.dumps(chosen, separators=(",", ":"), ensure_ascii=False).encode()
            key = f"{folder}/{kind}_0.json"
            objects.put_bytes(run.role_arn, bucket, key, content)
            files[kind].append({"Key": key, "Size": len(content)})
    manifest = {"DestinationBucket": bucket, "MapRunArn": run.arn, "ResultFiles": files}
    key = f"{folder}/manifest.json"
    objects.put_bytes(run.role_arn, bucket, key, json.dumps(manifest).encode())
    return {"MapRunArn": run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def _told(run: MapRun, child: Execution) -> dict[str, Any]:
    members = {
        "ExecutionArn": child.arn,
        "Input": child.input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "Output": child.output,
        "OutputDetails": {"Included": True} if child.output is not None else None,
        "Error": child.error,
        "Cause": child.cause,
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "StartDate": _stamp(child.started),
        "StateMachineArn": run.machine_arn,
        "Status": child.status,
        "StopDate": _stamp(child.stopped or child.started),
    }
    return {name: value for name, value in members.items() if value is not None}


def _stamp(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

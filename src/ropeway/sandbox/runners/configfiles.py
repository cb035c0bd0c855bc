"""The files that SageMaker puts into a container before it starts (``/opt/ml/config``, ``/opt/ml/input/config``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.runners.jobfolder import JobFolder

__all__ = ["HOST", "write_processing_config", "write_training_config"]

HOST = "algo-1"
_GROUP = "homogeneousCluster"


def write_processing_config(job: Job, folder: JobFolder) -> None:
    """``processingjobconfig.json`` and ``resourceconfig.json`` of a processing job."""
    request = {"ProcessingJobArn": job.arn, **job.request}
    _write(folder, "/opt/ml/config/processingjobconfig.json", request)
    cluster = job.request.get("ProcessingResources", {}).get("ClusterConfig", {})
    resources = _resources(str(cluster.get("InstanceType", "")))
    _write(folder, "/opt/ml/config/resourceconfig.json", resources)


def write_training_config(job: Job, folder: JobFolder) -> None:
    """Hyperparameters, channels, resources and checkpoints of a training job."""
    request = job.request
    mode = request["AlgorithmSpecification"].get("TrainingInputMode", "File")
    base = "/opt/ml/input/config"
    values = {name: str(value) for name, value in request.get("HyperParameters", {}).items()}
    _write(folder, f"{base}/hyperparameters.json", values)
    channels = {entry["ChannelName"]: _channel(entry, mode) for entry in request.get("InputDataConfig", ())}
    _write(folder, f"{base}/inputdataconfig.json", channels)
    instance = str(request.get("ResourceConfig", {}).get("InstanceType", ""))
    _write(folder, f"{base}/resourceconfig.json", _resources(instance))
    if "CheckpointConfig" in request:
        _write(folder, f"{base}/checkpointconfig.json", request["CheckpointConfig"])


def _channel(entry: Mapping[str, Any], mode: str) -> dict[str, str]:
    source = entry.get("DataSource", {}).get("S3DataSource", {})
    channel = {
        "TrainingInputMode": entry.get("InputMode", mode),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": entry.get("RecordWrapperType", "None"),
    }
    if "ContentType" in entry:
        channel["ContentType"] = entry["ContentType"]
    return channel


def _resources(instance: str) -> dict[str, Any]:
    group = {"instance_group_name": _GROUP, "instance_type": instance, "hosts": [HOST]}
    return {
        "current_host": HOST,
        "current_instance_type": instance,
        "current_group_name": _GROUP,
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": "lo",
    }


def _write(folder: JobFolder, seen: str, content: Mapping[str, Any]) -> None:
    path = folder.output(seen)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, default=str), encoding="utf-8")

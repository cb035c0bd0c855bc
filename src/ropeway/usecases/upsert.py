"""Bring a pipeline to its target: upload its files, create its functions, create or update the pipeline.

The same source twice uploads nothing and changes nothing: files lie at addresses of their content, functions
and definitions are compared first. Tags are added, never removed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ropeway.errors import UsageError
from ropeway.pipelines.assets import Asset
from ropeway.usecases.ports import Functions, Pipelines, Storage, Tell
from ropeway.usecases.source import Source

__all__ = ["Upserted", "upsert"]


@dataclass(frozen=True)
class Upserted:
    """What was done.

    Attributes:
        action: ``created``, ``updated`` or ``unchanged``.
        uploaded: how many files were not there yet.
    """

    name: str
    arn: str
    action: str
    uploaded: int


def upsert(
    source: Source,
    pipelines: Pipelines,
    storage: Storage,
    functions: Functions,
    *,
    role: str | None,
    default_bucket: str,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    tell: Tell = lambda _line: None,
) -> Upserted:
    """Create or update a pipeline.

    Args:
        source: the pipeline.
        pipelines: client.
        storage: client.
        functions: client.
        role: the pipeline's role, when the source names none.
        default_bucket: the bucket that is created when the pipeline uses it and it is missing.
        tags: on top of the source's.
        description: instead of the source's.
        tell: takes progress.

    Raises:
        UsageError: no role is known.
        AwsError: the service refuses the definition, or a bucket is missing.
    """
    role = role or source.role
    if not role:
        raise UsageError(
            f"pipeline {source.name} has no role", hint="give one with --role, or in the pipeline"
        )
    buckets = {asset.uri.bucket for asset in source.assets} | ({source.bucket} if source.bucket else set())
    if default_bucket in buckets and not storage.has_bucket(default_bucket):
        storage.create_bucket(default_bucket)
        tell(f"created bucket {default_bucket}")
    uploaded = _upload(source.assets, storage, tell)
    for function in source.functions:
        done = functions.put(
            function.name,
            function.archive,
            Handler=function.handler,
            Role=function.role,
            Runtime=function.runtime,
            Timeout=function.timeout,
            MemorySize=function.memory,
        )
        tell(f"function {function.name} {done}")
    arn, action = _put(source, pipelines, role, {**source.tags, **(tags or {})}, description)
    tell(f"pipeline {source.name} {action}")
    return Upserted(source.name, arn, action, uploaded)


def _upload(assets: Sequence[Asset], storage: Storage, tell: Tell) -> int:
    count = 0
    for asset in assets:
        if storage.has(asset.uri.bucket, asset.uri.key):
            continue
        storage.put(asset.uri.bucket, asset.uri.key, asset.content())
        tell(f"uploaded {asset.path} to {asset.uri}")
        count += 1
    return count


def _put(
    source: Source, pipelines: Pipelines, role: str, tags: Mapping[str, str], description: str | None
) -> tuple[str, str]:
    text = description or source.description
    more = {"PipelineDescription": text} if text else {}
    found = pipelines.find(source.name)
    if found is None:
        return pipelines.create(source.name, source.definition, role, tags, **more), "created"
    arn = str(found["PipelineArn"])
    pipelines.tag(arn, tags)
    same = (
        json.loads(found["PipelineDefinition"]) == json.loads(source.definition)
        and found.get("RoleArn") == role
        and (text is None or found.get("PipelineDescription") == text)
    )
    if same:
        return arn, "unchanged"
    return pipelines.update(source.name, source.definition, role, **more), "updated"

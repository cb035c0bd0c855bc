"""Pipelines and their versions: create, update, describe, list, delete."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.pipelines.model import Pipeline, Version
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__ = ["pipeline_of"]


@operation("sagemaker", "CreatePipeline")
def create(call: Call) -> dict[str, Any]:
    """Keep a pipeline."""
    tags = call.params.get("Tags", ())
    return {"PipelineArn": call.domain.pipelines.create(call.account, call.region, call.params, tags)}


@operation("sagemaker", "UpdatePipeline")
def update(call: Call) -> dict[str, Any]:
    """Change a pipeline."""
    pipeline = call.domain.pipelines.update(call.account, call.region, call.params)
    return {"PipelineArn": pipeline.arn, "PipelineVersionId": pipeline.version}


@operation("sagemaker", "DescribePipeline")
def describe(call: Call) -> dict[str, Any]:
    """A pipeline with the definition of one of its versions."""
    pipeline = pipeline_of(call)
    number, alias = (call.params.get(name) for name in ("PipelineVersionId", "PipelineVersionAlias"))
    version = call.domain.pipelines.version(pipeline, number, alias)
    return {
        "PipelineArn": pipeline.arn,
        "PipelineName": pipeline.name,
        "PipelineDisplayName": pipeline.name,
        **pipeline.document,
        **version.document,
        "PipelineVersionAliases": call.domain.pipelines.aliases(pipeline.arn).get(version.number, []),
        "PipelineDefinition": version.definition,
        "PipelineStatus": "Active",
        "CreationTime": pages.moment(pipeline.created),
        "LastModifiedTime": pages.moment(pipeline.modified),
        "LastRunTime": pages.moment(pipeline.last_run),
        "CreatedBy": {},
        "LastModifiedBy": {},
    }


@operation("sagemaker", "DeletePipeline")
def delete(call: Call) -> dict[str, Any]:
    """Forget a pipeline and its executions."""
    arn = call.domain.pipelines.delete(call.params["PipelineName"], call.account, call.region)
    return {"PipelineArn": arn}


@operation("sagemaker", "ListPipelines")
def list_pipelines(call: Call) -> dict[str, Any]:
    """Pipelines of the account and region, newest first."""
    listing = pages.listing_of(call.params)
    prefix = call.params.get("PipelineNamePrefix")
    page = call.domain.pipelines.list(call.account, call.region, prefix, listing)
    return pages.answer("PipelineSummaries", page, call.params, _summary)


@operation("sagemaker", "ListPipelineVersions")
def list_versions(call: Call) -> dict[str, Any]:
    """A pipeline's versions, newest first."""
    pipeline = pipeline_of(call)
    page = call.domain.pipelines.versions(pipeline, pages.listing_of(call.params))
    aliases = call.domain.pipelines.aliases(pipeline.arn)

    def entry(version: Version) -> dict[str, Any]:
        return {**_version_summary(version), "PipelineVersionAliases": aliases.get(version.number, [])}

    return pages.answer("PipelineVersionSummaries", page, call.params, entry)


@operation("sagemaker", "UpdatePipelineVersion")
def update_version(call: Call) -> dict[str, Any]:
    """Name or describe a version."""
    number = call.params["PipelineVersionId"]
    pipeline = call.domain.pipelines.get(call.params["PipelineArn"], call.account, call.region)
    call.domain.pipelines.update_version(pipeline, number, call.params)
    return {"PipelineArn": pipeline.arn, "PipelineVersionId": number}


def pipeline_of(call: Call) -> Pipeline:
    """The pipeline that the call names, by name or ARN."""
    return call.domain.pipelines.get(call.params["PipelineName"], call.account, call.region)


def _summary(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "PipelineArn": pipeline.arn,
        "PipelineName": pipeline.name,
        "PipelineDisplayName": pipeline.name,
        **pipeline.document,
        "CreationTime": pages.moment(pipeline.created),
        "LastModifiedTime": pages.moment(pipeline.modified),
        "LastExecutionTime": pages.moment(pipeline.last_run),
    }


def _version_summary(version: Version) -> dict[str, Any]:
    return {
        "PipelineArn": version.pipeline_arn,
        "PipelineVersionId": version.number,
        **version.document,
        "CreationTime": pages.moment(version.created),
        "LastExecutionPipelineExecutionArn": version.last_execution,
    }

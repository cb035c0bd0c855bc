"""Executions, reports and people of a retraining, at AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from ropeway.functions.retraining_facts import Execution

__all__ = ["Aws"]

# What the SageMaker SDK calls the input that a check looks at.
_INPUTS = ("baseline_dataset_input", "dataset")


class Aws:
    """Pipelines and people, by boto3's clients of SageMaker, S3 and SNS."""

    def __init__(self, sagemaker: Any, s3: Any, sns: Any, topic: str) -> None:
        self._sagemaker, self._s3, self._sns, self._topic = sagemaker, s3, sns, topic

    def began(self, execution: str) -> datetime:
        """When an execution began."""
        found = self._sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
        moment: datetime = found["CreationTime"]
        return moment

    def ended_before(self, pipeline: str, moment: datetime, count: int) -> Sequence[Execution]:
        """The last executions that began before and have ended, newest first."""
        found = self._executions(PipelineName=pipeline, CreatedBefore=moment)
        return list(islice((each for each in found if not each.running and each.started < moment), count))

    def since(self, pipeline: str, moment: datetime) -> Sequence[Execution]:
        """Every execution that began since then, newest first."""
        return list(self._executions(PipelineName=pipeline, CreatedAfter=moment))

    def _executions(self, **request: Any) -> Iterator[Execution]:
        pages = self._sagemaker.get_paginator("list_pipeline_executions")
        for page in pages.paginate(SortBy="CreationTime", SortOrder="Descending", **request):
            for each in page["PipelineExecutionSummaries"]:
                yield Execution(
                    each["PipelineExecutionArn"],
                    each.get("PipelineExecutionDisplayName") or "",
                    each["PipelineExecutionStatus"],
                    each["StartTime"],
                )

    def checks(self, execution: str, names: frozenset[str]) -> Sequence[Mapping[str, Any]]:
        """The steps of these names."""
        pages = self._sagemaker.get_paginator("list_pipeline_execution_steps")
        found = pages.paginate(PipelineExecutionArn=execution)
        return [
            step for page in found for step in page["PipelineExecutionSteps"] if step["StepName"] in names
        ]

    def report(self, uri: str) -> bytes:
        """A report in S3."""
        place = urlsplit(uri)
        body: bytes = self._s3.get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"].read()
        return body

    def data(self, job: str) -> str | None:
        """Where the data lie that a check's job read: the input that its ``dataset_source`` names."""
        found = self._sagemaker.describe_processing_job(ProcessingJobName=job.rpartition("/")[2])
        source = found.get("Environment", {}).get("dataset_source")
        for each in found.get("ProcessingInputs", ()):
            place = each.get("S3Input", {})
            if place.get("LocalPath") == source if source else each["InputName"] in _INPUTS:
                return str(place["S3Uri"])
        return None

    def declared(self, pipeline: str) -> frozenset[str]:
        """The names of a pipeline's parameters."""
        found = self._sagemaker.describe_pipeline(PipelineName=pipeline)
        definition = json.loads(found["PipelineDefinition"])
        return frozenset(str(each["Name"]) for each in definition.get("Parameters", ()))

    def start(self, request: Mapping[str, Any]) -> str:
        """StartPipelineExecution; the execution's ARN."""
        return str(self._sagemaker.start_pipeline_execution(**request)["PipelineExecutionArn"])

    def tell(self, subject: str, text: str) -> None:
        """Publish to the topic."""
        self._sns.publish(TopicArn=self._topic, Subject=subject, Message=text)

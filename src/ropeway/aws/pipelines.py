"""SageMaker pipelines and their executions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.aws.faults import Api
from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["ExecutionsClient", "PipelinesClient"]


class PipelinesClient:
    """Pipelines by name; answers are the API's."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @classmethod
    def of(cls, session: Session) -> PipelinesClient:
        """The session's client."""
        return cls(session.api("sagemaker"))

    def find(self, name: str) -> dict[str, Any] | None:
        """How a pipeline is described, or None when there is none."""
        try:
            return self._api.call("describe_pipeline", PipelineName=name)
        except AwsError as error:
            if error.code == "ResourceNotFound":
                return None
            raise

    def create(self, name: str, definition: str, role: str, tags: Mapping[str, str], **more: str) -> str:
        """Create a pipeline; its ARN."""
        arn: str = self._api.call(
            "create_pipeline",
            PipelineName=name,
            PipelineDefinition=definition,
            RoleArn=role,
            ClientRequestToken=uuid.uuid4().hex,
            Tags=_tags(tags),
            **more,
        )["PipelineArn"]
        return arn

    def update(self, name: str, definition: str, role: str, **more: str) -> str:
        """Replace a pipeline's definition; its ARN."""
        arn: str = self._api.call(
            "update_pipeline", PipelineName=name, PipelineDefinition=definition, RoleArn=role, **more
        )["PipelineArn"]
        return arn

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags."""
        if tags:
            self._api.call("add_tags", ResourceArn=arn, Tags=_tags(tags))

    def list(self) -> Iterator[dict[str, Any]]:
        """All pipelines, the newest first."""
        return self._api.pages(
            "list_pipelines", "PipelineSummaries", SortBy="CreationTime", SortOrder="Descending"
        )


class ExecutionsClient:
    """Executions by ARN; answers are the API's."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @classmethod
    def of(cls, session: Session) -> ExecutionsClient:
        """The session's client."""
        return cls(session.api("sagemaker"))

    def start(self, pipeline: str, parameters: Mapping[str, str], **more: Any) -> str:
        """Start an execution; its ARN."""
        arn: str = self._api.call(
            "start_pipeline_execution",
            PipelineName=pipeline,
            PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
            ClientRequestToken=uuid.uuid4().hex,
            **more,
        )["PipelineExecutionArn"]
        return arn

    def describe(self, arn: str) -> dict[str, Any]:
        """One execution."""
        return self._api.call("describe_pipeline_execution", PipelineExecutionArn=arn)

    def steps(self, arn: str) -> list[dict[str, Any]]:
        """Its steps that have started, the earliest first."""
        return list(
            self._api.pages(
                "list_pipeline_execution_steps",
                "PipelineExecutionSteps",
                PipelineExecutionArn=arn,
                SortOrder="Ascending",
            )
        )

    def parameters(self, arn: str) -> dict[str, str]:
        """What it was started with."""
        items = self._api.pages(
            "list_pipeline_parameters_for_execution", "PipelineParameters", PipelineExecutionArn=arn
        )
        return {item["Name"]: item["Value"] for item in items}

    def definition(self, arn: str) -> str:
        """The definition that it runs."""
        answer = self._api.call("describe_pipeline_definition_for_execution", PipelineExecutionArn=arn)
        return str(answer["PipelineDefinition"])

    def list(self, pipeline: str) -> Iterator[dict[str, Any]]:
        """A pipeline's executions, the newest first."""
        return self._api.pages(
            "list_pipeline_executions",
            "PipelineExecutionSummaries",
            PipelineName=pipeline,
            SortBy="CreationTime",
            SortOrder="Descending",
        )

    def stop(self, arn: str) -> None:
        """Ask an execution to stop."""
        self._api.call(
            "stop_pipeline_execution", PipelineExecutionArn=arn, ClientRequestToken=uuid.uuid4().hex
        )

    def retry(self, arn: str) -> None:
        """Run a failed or stopped execution again from the steps that did not succeed."""
        self._api.call(
            "retry_pipeline_execution", PipelineExecutionArn=arn, ClientRequestToken=uuid.uuid4().hex
        )


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]

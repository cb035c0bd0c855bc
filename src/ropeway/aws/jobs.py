"""SageMaker jobs, and their logs from CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.aws.faults import Api
from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["JobsClient"]


@dataclass(frozen=True)
class _Kind:
    """How the API calls one kind of job: in members (``TrainingJobName``) and in boto3's methods."""

    title: str
    method: str
    group: str = ""


_KINDS = {
    "processing": _Kind("Processing", "processing", "/aws/sagemaker/ProcessingJobs"),
    "training": _Kind("Training", "training", "/aws/sagemaker/TrainingJobs"),
    "transform": _Kind("Transform", "transform", "/aws/sagemaker/TransformJobs"),
    "tuning": _Kind("HyperParameterTuning", "hyper_parameter_tuning"),
}
_MISSING = {"ResourceNotFound", "ValidationException"}


class JobsClient:
    """Jobs by kind (``processing``, ``training``, ``transform``, ``tuning``) and name."""

    def __init__(self, sagemaker: Api, logs: Api) -> None:
        self._sagemaker = sagemaker
        self._logs = logs

    @classmethod
    def of(cls, session: Session) -> JobsClient:
        """The session's client."""
        return cls(session.api("sagemaker"), session.api("logs"))

    def describe(self, kind: str, name: str) -> dict[str, Any] | None:
        """A job as it stands, or None when there is no such job."""
        api = _KINDS[kind]
        try:
            return self._sagemaker.call(f"describe_{api.method}_job", **{f"{api.title}JobName": name})
        except AwsError as error:
            if error.code in _MISSING:
                return None
            raise

    def status(self, kind: str, name: str) -> str | None:
        """A job's status, or None when there is no such job."""
        answer = self.describe(kind, name)
        return None if answer is None else str(answer[f"{_KINDS[kind].title}JobStatus"])

    def list(self, kind: str, status: str | None) -> Iterator[dict[str, Any]]:
        """Jobs of one kind, the newest first; of one status, if it is given."""
        api = _KINDS[kind]
        more: dict[str, Any] = {"StatusEquals": status} if status else {}
        return self._sagemaker.pages(
            f"list_{api.method}_jobs",
            f"{api.title}JobSummaries",
            SortBy="CreationTime",
            SortOrder="Descending",
            **more,
        )

    def stop(self, kind: str, name: str) -> None:
        """Ask a job to stop."""
        api = _KINDS[kind]
        self._sagemaker.call(f"stop_{api.method}_job", **{f"{api.title}JobName": name})

    def trainings(self, name: str) -> Iterator[dict[str, Any]]:
        """The training jobs of a tuning job, by name."""
        return self._sagemaker.pages(
            "list_training_jobs_for_hyper_parameter_tuning_job",
            "TrainingJobSummaries",
            HyperParameterTuningJobName=name,
            MaxResults=100,
            SortBy="Name",
            SortOrder="Ascending",
        )

    def streams(self, kind: str, name: str) -> Sequence[str]:
        """The names of a job's log streams; a tuning job has none of its own."""
        try:
            found = self._logs.pages(
                "describe_log_streams",
                "logStreams",
                cursor="nextToken",
                logGroupName=_KINDS[kind].group,
                logStreamNamePrefix=f"{name}/",
            )
            return [stream["logStreamName"] for stream in found]
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return []
            raise

    def events(
        self, kind: str, stream: str, token: str | None
    ) -> tuple[Sequence[dict[str, Any]], str | None]:
        """Lines of a stream from where ``token`` says, and where to go on."""
        more: dict[str, Any] = {"nextToken": token} if token else {}
        answer = self._logs.call(
            "get_log_events",
            logGroupName=_KINDS[kind].group,
            logStreamName=stream,
            startFromHead=True,
            **more,
        )
        return answer["events"], answer.get("nextForwardToken")

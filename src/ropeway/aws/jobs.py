"""Logs of SageMaker jobs, from CloudWatch Logs."""

from __future__ import annotations

from typing import Any

from ropeway.aws.faults import Api
from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["GROUPS", "JobsClient"]

# Log group and describe call by kind of job.
GROUPS = {
    "processing": "/aws/sagemaker/ProcessingJobs",
    "training": "/aws/sagemaker/TrainingJobs",
    "transform": "/aws/sagemaker/TransformJobs",
}


class JobsClient:
    """Jobs by kind (``processing``, ``training``, ``transform``) and name."""

    def __init__(self, sagemaker: Api, logs: Api) -> None:
        self._sagemaker = sagemaker
        self._logs = logs

    @classmethod
    def of(cls, session: Session) -> JobsClient:
        """The session's client."""
        return cls(session.api("sagemaker"), session.api("logs"))

    def status(self, kind: str, name: str) -> str | None:
        """A job's status, or None when there is no such job."""
        title = kind.capitalize()
        try:
            answer = self._sagemaker.call(f"describe_{kind}_job", **{f"{title}JobName": name})
        except AwsError as error:
            if error.code in {"ResourceNotFound", "ValidationException"}:
                return None
            raise
        return str(answer[f"{title}JobStatus"])

    def streams(self, kind: str, name: str) -> list[str]:
        """The names of a job's log streams."""
        try:
            found = self._logs.pages(
                "describe_log_streams",
                "logStreams",
                cursor="nextToken",
                logGroupName=GROUPS[kind],
                logStreamNamePrefix=f"{name}/",
            )
            return [stream["logStreamName"] for stream in found]
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return []
            raise

    def events(self, kind: str, stream: str, token: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Lines of a stream from where ``token`` says, and where to go on."""
        more: dict[str, Any] = {"nextToken": token} if token else {}
        answer = self._logs.call(
            "get_log_events", logGroupName=GROUPS[kind], logStreamName=stream, startFromHead=True, **more
        )
        return answer["events"], answer.get("nextForwardToken")

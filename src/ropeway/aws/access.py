"""Who the caller is, and what Terraform keeps in S3: its state and its lock."""

from __future__ import annotations

import json
from typing import Any

from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["caller", "document"]

_GONE = {"404", "NoSuchKey", "NotFound"}


def caller(session: Session) -> tuple[str, str]:
    """Account and ARN of whoever the session's credentials are.

    Raises:
        AwsError: they have expired, or are not valid.
    """
    answer = session.api("sts").call("get_caller_identity")
    return str(answer["Account"]), str(answer["Arn"])


def document(session: Session, bucket: str, key: str) -> dict[str, Any] | None:
    """A JSON document in S3; None when there is none.

    Raises:
        AwsError: there is no such bucket (``NoSuchBucket``), or it may not be read.
    """
    try:
        text: bytes = session.api("s3").call("get_object", Bucket=bucket, Key=key)["Body"].read()
    except AwsError as error:
        if error.code in _GONE:
            return None
        raise
    found: dict[str, Any] = json.loads(text)
    return found

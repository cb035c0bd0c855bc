"""A bucket of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]


@pytest.fixture
def s3(client: Client) -> Any:
    """S3 as the first account, whose home is us-east-1."""
    return client("s3", region="us-east-1")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new bucket of the first account."""
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    """A new bucket that keeps versions."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket

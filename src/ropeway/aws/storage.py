"""S3 and Lambda as the platform uses them: bring a pipeline's files and functions to where it runs."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from ropeway.aws.faults import Api
from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["FunctionsClient", "StorageClient"]

_MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}


class StorageClient:
    """Objects by bucket and key."""

    def __init__(self, api: Api, region: str) -> None:
        self._api = api
        self._region = region

    @classmethod
    def of(cls, session: Session) -> StorageClient:
        """The session's client."""
        return cls(session.api("s3"), session.region)

    def has_bucket(self, bucket: str) -> bool:
        """Whether there is a bucket of that name that the caller may use."""
        return self._there("head_bucket", Bucket=bucket)

    def create_bucket(self, bucket: str) -> None:
        """Create a bucket in the session's region."""
        more = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        self._api.call("create_bucket", Bucket=bucket, **({} if self._region == "us-east-1" else more))

    def has(self, bucket: str, key: str) -> bool:
        """Whether there is an object."""
        return self._there("head_object", Bucket=bucket, Key=key)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object."""
        self._api.call("put_object", Bucket=bucket, Key=key, Body=content)

    def get(self, bucket: str, key: str) -> bytes:
        """An object's content."""
        content: bytes = self._api.call("get_object", Bucket=bucket, Key=key)["Body"].read()
        return content

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """The keys of all objects below a prefix."""
        found: list[str] = []
        more: dict[str, Any] = {}
        while True:
            page = self._api.call("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
            found += [entry["Key"] for entry in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return found
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def download(self, bucket: str, key: str, target: Path) -> None:
        """Write an object's content to a file."""
        body = self._api.call("get_object", Bucket=bucket, Key=key)["Body"]
        with target.open("wb") as file:
            for chunk in body.iter_chunks(1 << 20):
                file.write(chunk)

    def _there(self, method: str, **params: Any) -> bool:
        try:
            self._api.call(method, **params)
        except AwsError as error:
            if error.code in _MISSING:
                return False
            raise
        return True


class FunctionsClient:
    """Lambda functions by name."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @classmethod
    def of(cls, session: Session) -> FunctionsClient:
        """The session's client."""
        return cls(session.api("lambda"))

    def put(self, name: str, archive: bytes, **settings: Any) -> str:
        """Create a function, or give it other code and settings; what was done.

        Args:
            name: the function's name.
            archive: the zip file.
            settings: Handler, Role, Runtime, Timeout, MemorySize.
        """
        try:
            found = self._api.call("get_function_configuration", FunctionName=name)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            self._api.call("create_function", FunctionName=name, Code={"ZipFile": archive}, **settings)
            return "created"
        sha = base64.b64encode(hashlib.sha256(archive).digest()).decode()
        changed = {key: value for key, value in settings.items() if found.get(key) != value}
        if changed:
            self._api.call("update_function_configuration", FunctionName=name, **changed)
        if found.get("CodeSha256") != sha:
            self._api.call("update_function_code", FunctionName=name, ZipFile=archive)
        return "updated" if changed or found.get("CodeSha256") != sha else "unchanged"

"""S3's errors, with its codes, texts and fields."""

from __future__ import annotations

from email.utils import formatdate

from ropeway.sandbox.domain.errors import DomainError

__all__ = [
    "bucket_exists",
    "conditional_conflict",
    "denied",
    "failed_precondition",
    "invalid_argument",
    "invalid_part",
    "invalid_range",
    "invalid_request",
    "marker_method",
    "no_such_bucket",
    "no_such_key",
    "no_such_upload",
    "no_such_version",
    "not_modified",
    "refused",
]


def refused(code: str, message: str, status: int = 400, **fields: str) -> DomainError:
    """An error by its code; ``fields`` are further members of its body."""
    return DomainError(message, code=code, status=status, fields=fields)


def no_such_bucket(name: str) -> DomainError:
    """The bucket does not exist."""
    return refused("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)


def bucket_exists(name: str, *, own: bool) -> DomainError:
    """The bucket's name is taken."""
    if own:
        text = "Your previous request to create the named bucket succeeded and you already own it."
        return refused("BucketAlreadyOwnedByYou", text, 409, BucketName=name)
    text = (
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again."
    )
    return refused("BucketAlreadyExists", text, 409, BucketName=name)


def no_such_key(key: str, *, marker: str | None = None) -> DomainError:
    """The key has no object; ``marker`` is the version of the delete marker that hides it."""
    headers = {} if marker is None else {"x-amz-delete-marker": "true", "x-amz-version-id": marker}
    text = "The specified key does not exist."
    return DomainError(text, code="NoSuchKey", status=404, fields={"Key": key}, headers=headers)


def no_such_version(key: str, version_id: str) -> DomainError:
    """The key has no such version."""
    return refused(
        "NoSuchVersion", "The specified version does not exist.", 404, Key=key, VersionId=version_id
    )


def no_such_upload(upload_id: str) -> DomainError:
    """The upload is over or never was."""
    text = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed."
    )
    return refused("NoSuchUpload", text, 404, UploadId=upload_id)


def marker_method(version_id: str, modified: float) -> DomainError:
    """A delete marker cannot be read."""
    headers = {
        "x-amz-delete-marker": "true",
        "x-amz-version-id": version_id,
        "Allow": "DELETE",
        "Last-Modified": formatdate(modified, usegmt=True),
    }
    text = "The specified method is not allowed against this resource."
    return DomainError(text, code="MethodNotAllowed", status=405, headers=headers)


def denied(message: str = "Access Denied") -> DomainError:
    """The caller may not."""
    return refused("AccessDenied", message, 403)


def invalid_argument(message: str, name: str = "", value: str = "") -> DomainError:
    """An argument is wrong."""
    fields = {"ArgumentName": name, "ArgumentValue": value} if name else {}
    return refused("InvalidArgument", message, 400, **fields)


def invalid_request(message: str) -> DomainError:
    """The request contradicts itself or the bucket's state."""
    return refused("InvalidRequest", message)


def invalid_range(range_: str, size: int) -> DomainError:
    """The range is outside of the object."""
    text = "The requested range is not satisfiable"
    return refused("InvalidRange", text, 416, RangeRequested=range_, ActualObjectSize=str(size))


def invalid_part(upload_id: str, number: int, etag: str) -> DomainError:
    """A part named for completion was never uploaded."""
    text = (
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag."
    )
    return refused("InvalidPart", text, 400, UploadId=upload_id, PartNumber=str(number), ETag=etag)


def failed_precondition(condition: str) -> DomainError:
    """A condition of the request does not hold."""
    text = "At least one of the pre-conditions you specified did not hold"
    return refused("PreconditionFailed", text, 412, Condition=condition)


def not_modified(etag: str) -> DomainError:
    """The caller's copy is still good."""
    return DomainError("Not Modified", code="NotModified", status=304, headers={"ETag": etag})


def conditional_conflict() -> DomainError:
    """Two conditions that do not go together."""
    return refused(
        "NotImplemented", "A header you provided implies functionality that is not implemented", 501
    )

"""boto3's errors, told as Ropeway's: what AWS answered, its code, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProfileNotFound,
)
from botocore.exceptions import ConnectionError as Unreachable

from ropeway.errors import AwsError, UsageError

__all__ = ["Api", "mapped"]

_HINTS = {
    "AccessDenied": "the credentials lack this permission; check the role and the account",
    "AccessDeniedException": "the credentials lack this permission; check the role and the account",
    "ExpiredToken": "the credentials have expired; log in again",
    "ExpiredTokenException": "the credentials have expired; log in again",
    "InvalidClientTokenId": "the credentials are not valid here; check the profile",
    "UnrecognizedClientException": "the credentials are not valid here; check the profile",
    "NoSuchBucket": "create the bucket, or name another one",
    "ThrottlingException": "AWS asks to slow down; try again in a minute",
}


class Api:
    """A boto3 client whose errors are Ropeway's.

    Args:
        client: the boto3 client.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call an operation by its Python name.

        Raises:
            AwsError: the service refused, or cannot be reached.
        """
        with mapped(self._client.meta.method_to_api_mapping.get(method, method)):
            answer: dict[str, Any] = getattr(self._client, method)(**params)
        return answer

    def pages(
        self, method: str, key: str, *, cursor: str = "NextToken", **params: Any
    ) -> Iterator[dict[str, Any]]:
        """The items of a list operation, page by page, following the member that is called ``cursor``."""
        more: dict[str, str] = {}
        while True:
            answer = self.call(method, **params, **more)
            yield from answer.get(key, [])
            if not answer.get(cursor):
                return
            more = {cursor: answer[cursor]}


@contextmanager
def mapped(operation: str) -> Iterator[None]:
    """Raise boto3's errors of one operation as Ropeway's."""
    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        code = str(told.get("Code", "Unknown"))
        raise AwsError(
            f"{operation}: {told.get('Message') or code} ({code})",
            code=code,
            operation=operation,
            hint=_HINTS.get(code),
        ) from error
    except ParamValidationError as error:
        raise UsageError(f"{operation}: {' '.join(str(error).split())}") from error
    except NoCredentialsError as error:
        raise _mine(operation, error, "log in (aws sso login), or name a profile with --profile") from error
    except NoRegionError as error:
        raise _mine(operation, error, "name a region with --region or AWS_REGION") from error
    except ProfileNotFound as error:
        raise _mine(operation, error, "aws configure list-profiles tells which there are") from error
    except Unreachable as error:
        raise _mine(
            operation, error, "check the address and the network; ropeway sandbox status tells of a sandbox"
        ) from error
    except BotoCoreError as error:
        raise _mine(operation, error, None) from error


def _mine(operation: str, error: BotoCoreError, hint: str | None) -> AwsError:
    text = str(error).rstrip(".")
    return AwsError(f"{operation}: {text}", code=type(error).__name__, operation=operation, hint=hint)

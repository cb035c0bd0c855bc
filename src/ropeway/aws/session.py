"""Sessions: whose credentials, which region, which endpoint; and the clients made of them.

On the sandbox the caller is a role, as in real life: keys are those of ``RopewayExecutionRole`` in the chosen
account, assumed there. On AWS the credentials are the profile's or the environment's, and an account that was
asked for must be theirs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from ropeway.aws.faults import Api, mapped
from ropeway.aws.loading import ServiceLoader
from ropeway.errors import UsageError

__all__ = ["EXECUTION_ROLE", "Session", "from_environment", "in_role", "on_aws", "on_sandbox"]

_AWS_PAUSE = 5.0
_HOUR = 3600
_NO_FILES = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}
EXECUTION_ROLE = "RopewayExecutionRole"


@dataclass(frozen=True)
class Session:
    """Credentials at an endpoint.

    Attributes:
        kind: ``sandbox`` or ``aws``.
        endpoint: the sandbox's address; None on AWS.
        role: the ARN of the role that jobs run as by default, or None when it is not known.
    """

    kind: str
    account: str
    region: str
    boto: Any
    endpoint: str | None = None
    role: str | None = None
    profile: str | None = None
    _apis: dict[str, Api] = field(default_factory=dict, repr=False, compare=False)

    @property
    def description(self) -> str:
        """The target in one line."""
        place = f"sandbox {self.endpoint}" if self.kind == "sandbox" else "aws"
        if self.kind == "aws" and (override := os.environ.get("AWS_ENDPOINT_URL")):
            place = f"aws API at {override}"
        suffix = f", profile {self.profile}" if self.profile else ""
        return f"{place} (account {self.account}, {self.region}{suffix})"

    @property
    def default_bucket(self) -> str:
        """The bucket that the SageMaker SDK would use, too."""
        return f"sagemaker-{self.region}-{self.account}"

    def api(self, service: str) -> Api:
        """A client with Ropeway's errors; one per service, as they are slow to make."""
        if service not in self._apis:
            self._apis[service] = Api(_client(self.boto, service, self.endpoint))
        return self._apis[service]

    @property
    def pause(self) -> float | None:
        """Seconds between two looks at something that goes on; None: as short as makes sense."""
        return None if self.endpoint or os.environ.get("AWS_ENDPOINT_URL") else _AWS_PAUSE

    def environment(self) -> dict[str, str]:
        """Variables that point any AWS tool at this session's endpoint, with its credentials."""
        keys = self.boto.get_credentials().get_frozen_credentials()
        found = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }
        return {name: value for name, value in found.items() if value}


def on_sandbox(endpoint: str, account: str, region: str, *, seconds: int = 3600) -> Session:
    """A session of the execution role in one of the sandbox's accounts."""
    role = f"arn:aws:iam::{account}:role/{EXECUTION_ROLE}"
    # Outside a role, the sandbox takes the account's number for a key; it checks no secrets.
    loader = ServiceLoader()
    entry = _boto(account, account, None, region, loader)
    answer = Api(_client(entry, "sts", endpoint)).call(
        "assume_role", RoleArn=role, RoleSessionName="ropeway", DurationSeconds=seconds
    )
    keys = answer["Credentials"]
    boto = _boto(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region, loader)
    return Session("sandbox", account, region, boto, endpoint, role)


def on_aws(profile: str | None, region: str | None, account: str | None) -> Session:
    """A session on AWS.

    Raises:
        UsageError: no region is known, or the credentials are another account's than the one asked for.
        AwsError: there are no credentials, or they are not valid.
    """
    with mapped("GetCallerIdentity"):
        boto = boto3.Session(profile_name=profile, region_name=region)
        if not boto.region_name:
            raise UsageError("no region is set", hint="name one with --region or AWS_REGION")
        caller = Api(_client(boto, "sts", None)).call("get_caller_identity")
    if account and caller["Account"] != account:
        raise UsageError(
            f"the credentials are of account {caller['Account']}, not of {account}",
            hint="choose another profile with --profile, or another account with --account",
        )
    return Session("aws", caller["Account"], boto.region_name, boto, None, profile=profile)


def in_role(session: Session, arn: str, region: str) -> Session:
    """A session of a role, for an hour, at the same endpoint.

    Raises:
        AwsError: the role does not let the caller in, or is not there.
    """
    answer = session.api("sts").call(
        "assume_role", RoleArn=arn, RoleSessionName="ropeway", DurationSeconds=_HOUR
    )
    keys = answer["Credentials"]
    loader = ServiceLoader()
    boto = _boto(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region, loader)
    return Session(session.kind, arn.split(":")[4], region, boto, session.endpoint, arn, session.profile)


def from_environment() -> Session:
    """A session of whatever the environment says, as existing CI files set it up (``AWS_ENDPOINT_URL``, too)."""
    return on_aws(None, None, None)


def _boto(key: str, secret: str, token: str | None, region: str, loader: ServiceLoader) -> Any:
    """A session of these keys alone: no profile and no file of the user's has a say."""
    core = botocore.session.Session(session_vars=_NO_FILES)
    core.register_component("data_loader", loader)
    return boto3.Session(
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        region_name=region,
        botocore_session=core,
    )


def _client(boto: Any, service: str, endpoint: str | None) -> Any:
    if endpoint is None:
        return boto.client(service)
    # Loopback: a refused connection is an answer, not something to try again for a minute.
    config = Config(
        retries={"total_max_attempts": 2, "mode": "standard"},
        max_pool_connections=16,
        s3={"addressing_style": "path"},
    )
    return boto.client(service, endpoint_url=endpoint, config=config)

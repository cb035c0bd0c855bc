"""CloudFormation, and what a bootstrap looks at around it: identity providers, the state bucket, roles."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.aws.faults import Api
from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["AccountClient", "StacksClient"]

_GONE = {"404", "NoSuchBucket", "NoSuchEntity", "NotFound", "ValidationError"}


class StacksClient:
    """Stacks and their change sets."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @classmethod
    def of(cls, session: Session) -> StacksClient:
        """The session's client."""
        return cls(session.api("cloudformation"))

    def find(self, stack: str) -> dict[str, Any] | None:
        """The stack of this name, or None."""
        try:
            found: dict[str, Any] = self._api.call("describe_stacks", StackName=stack)["Stacks"][0]
        except AwsError as error:
            if error.code == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return found

    def resources(self, stack: str) -> dict[str, str]:
        """Physical id of each resource, by its logical id."""
        answer = self._api.call("describe_stack_resources", StackName=stack)
        return {
            each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in answer["StackResources"]
        }

    def propose(
        self, stack: str, change_set: str, kind: str, template: str, given: Mapping[str, Any]
    ) -> None:
        """CreateChangeSet; ``kind`` is CREATE or UPDATE, ``given`` has ``parameters`` and ``tags``."""
        self._api.call(
            "create_change_set",
            StackName=stack,
            ChangeSetName=change_set,
            ChangeSetType=kind,
            TemplateBody=template,
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in given["parameters"].items()
            ],
            Tags=[{"Key": key, "Value": value} for key, value in given["tags"].items()],
        )

    def proposed(self, stack: str, change_set: str) -> dict[str, Any]:
        """DescribeChangeSet, with all its changes."""
        first = self._api.call("describe_change_set", StackName=stack, ChangeSetName=change_set)
        changes, more = list(first.get("Changes", [])), first.get("NextToken")
        while more:
            page = self._api.call(
                "describe_change_set", StackName=stack, ChangeSetName=change_set, NextToken=more
            )
            changes += page.get("Changes", [])
            more = page.get("NextToken")
        return {**first, "Changes": changes}

    def drop(self, stack: str, change_set: str) -> None:
        """DeleteChangeSet."""
        self._api.call("delete_change_set", StackName=stack, ChangeSetName=change_set)

    def execute(self, stack: str, change_set: str) -> None:
        """ExecuteChangeSet."""
        self._api.call("execute_change_set", StackName=stack, ChangeSetName=change_set)

    def delete(self, stack: str) -> None:
        """DeleteStack."""
        self._api.call("delete_stack", StackName=stack)

    def events(self, stack: str) -> Iterator[dict[str, Any]]:
        """What happened, the newest first."""
        return self._api.pages("describe_stack_events", "StackEvents", StackName=stack)


class AccountClient:
    """What stands in the account, as its services tell it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def providers(self) -> list[str]:
        """ARNs of the identity providers for tokens."""
        answer = self._session.api("iam").call("list_open_id_connect_providers")
        return [str(each["Arn"]) for each in answer["OpenIDConnectProviderList"]]

    def has_bucket(self, bucket: str) -> bool:
        """Whether there is a bucket of this name, whoever owns it."""
        try:
            self._session.api("s3").call("head_bucket", Bucket=bucket)
        except AwsError as error:
            return error.code not in _GONE
        return True

    def bucket(self, bucket: str) -> dict[str, Any]:
        """What protects a bucket: ``versioning``, ``algorithm``, ``key``, ``public_access``, ``policy``."""
        s3 = self._session.api("s3")
        rule = s3.call("get_bucket_encryption", Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][
            0
        ]
        default = rule["ApplyServerSideEncryptionByDefault"]
        block = s3.call("get_public_access_block", Bucket=bucket)["PublicAccessBlockConfiguration"]
        return {
            "versioning": s3.call("get_bucket_versioning", Bucket=bucket).get("Status"),
            "algorithm": default["SSEAlgorithm"],
            "key": default.get("KMSMasterKeyID"),
            "public_access": not all(block.values()),
            "policy": json.loads(s3.call("get_bucket_policy", Bucket=bucket)["Policy"]),
        }

    def role(self, name: str) -> dict[str, Any]:
        """GetRole's role."""
        found: dict[str, Any] = self._session.api("iam").call("get_role", RoleName=name)["Role"]
        return found

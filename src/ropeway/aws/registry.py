"""The model registry: groups and versions of model packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ropeway.aws.faults import Api
from ropeway.aws.session import Session

__all__ = ["RegistryClient"]


class RegistryClient:
    """Groups by name, versions by ARN; answers are the API's."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @classmethod
    def of(cls, session: Session) -> RegistryClient:
        """The session's client."""
        return cls(session.api("sagemaker"))

    def groups(self) -> Iterator[dict[str, Any]]:
        """All groups, by name."""
        return self._api.pages(
            "list_model_package_groups", "ModelPackageGroupSummaryList", SortBy="Name", SortOrder="Ascending"
        )

    def group(self, name: str) -> dict[str, Any]:
        """One group.

        Raises:
            AwsError: there is none of that name.
        """
        return self._api.call("describe_model_package_group", ModelPackageGroupName=name)

    def versions(self, group: str) -> Iterator[dict[str, Any]]:
        """A group's versions, the newest first."""
        return self._api.pages(
            "list_model_packages",
            "ModelPackageSummaryList",
            ModelPackageGroupName=group,
            SortBy="CreationTime",
            SortOrder="Descending",
        )

    def describe(self, arn: str) -> dict[str, Any]:
        """One version."""
        return self._api.call("describe_model_package", ModelPackageName=arn)

    def decide(self, arn: str, status: str, reason: str | None) -> None:
        """Set a version's approval status."""
        more = {"ApprovalDescription": reason} if reason else {}
        self._api.call("update_model_package", ModelPackageArn=arn, ModelApprovalStatus=status, **more)

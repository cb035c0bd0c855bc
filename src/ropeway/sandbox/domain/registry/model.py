"""What the registry keeps: package groups and packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.values.arn import Arn

__all__ = ["Group", "Package", "package_arn"]


@dataclass(frozen=True)
class Group:
    """A model package group.

    Attributes:
        created: epoch seconds.
        created_by: who made it, as the API's UserContext.
        policy: its resource policy's JSON text, or None.
        configuration: ManagedConfiguration as sent; empty when it was not.
        last_version: the number of the newest version there ever was.
    """

    account: str
    region: str
    name: str
    created: float
    created_by: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    policy: str | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    last_version: int = 0

    @property
    def arn(self) -> str:
        """The group's ARN."""
        return str(Arn("sagemaker", self.region, self.account, f"model-package-group/{self.name}"))


@dataclass(frozen=True)
class Package:
    """A model package: a version in a group, or one with a name of its own.

    Attributes:
        name: the package's own name; a version has its group's.
        group: the group's name; empty for an unversioned package.
        version: from 1; 0 for an unversioned package.
        approval: ModelApprovalStatus; empty for an unversioned package.
        status: ModelPackageStatus.
        created, modified: epoch seconds; a package that was never changed has no ``modified``.
        created_by, modified_by: who, as the API's UserContext.
        document: the further members of the Describe answer.
    """

    account: str
    region: str
    name: str
    group: str
    version: int
    approval: str
    status: str
    created: float
    document: Mapping[str, Any]
    created_by: Mapping[str, Any] = field(default_factory=dict)
    modified: float | None = None
    modified_by: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The package's ARN; SageMaker writes names in it in lower case."""
        return package_arn(
            self.account, self.region, f"{self.name}/{self.version}" if self.group else self.name
        )

    @property
    def group_arn(self) -> str:
        """The ARN of the group; empty for an unversioned package."""
        if not self.group:
            return ""
        return str(Arn("sagemaker", self.region, self.account, f"model-package-group/{self.group}"))


def package_arn(account: str, region: str, name: str) -> str:
    """The ARN of a package by its name (``group/3`` for a version)."""
    return str(Arn("sagemaker", region, account, f"model-package/{name.lower()}"))

"""The model registry: versions in groups, and packages with a name of their own.

A version takes the next number of its group; numbers are never given twice, not even after a deletion, because
the group remembers the last one. A version starts as ``PendingManualApproval`` unless it is registered with
another status, and its approval may change any number of times; unversioned packages have none. SageMaker writes
names in package ARNs in lower case, so names that differ by case only are one.

A package is ``Completed`` as soon as it is written: there is nothing to validate, since packages that ask for
validation jobs are refused. Artifacts and images are not looked at before they are used.

Cross-account use goes by ARN and is decided by the group's policy (``access``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.registry import changes, describe
from ropeway.sandbox.domain.registry.access import check_access, package_arn_of
from ropeway.sandbox.domain.registry.groups import Groups, user_context
from ropeway.sandbox.domain.registry.model import Group, Package
from ropeway.sandbox.domain.registry.ports import GroupStore, PackageStore
from ropeway.sandbox.domain.registry.tokens import Tokens
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Registry"]

_NOT_IN_DOCUMENT = frozenset(
    {"ClientToken", "ModelApprovalStatus", "ModelPackageGroupName", "ModelPackageName", "Tags"}
)


class Registry:
    """Registers, describes, changes and lists model packages; ``groups`` has the groups.

    Methods that take a ``caller`` check policies when the package is another account's; without a caller the
    sandbox itself acts, as the package's owner.
    """

    def __init__(
        self,
        stores: tuple[GroupStore, PackageStore],
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
        tokens: Tokens,
    ) -> None:
        self._group_store, self._packages = stores
        self._transactions = transactions
        self._clock = clock
        self._tags = tags
        self._tokens = tokens
        self._listeners: list[Callable[[Package], None]] = []
        self._watchers: list[Callable[[Package, Sequence[str]], None]] = []
        self.groups = Groups(self._group_store, self._packages, transactions, clock, tags)

    def listen(self, listener: Callable[[Package], None]) -> None:
        """Have a function called with every new package, inside the transaction that keeps it."""
        self._listeners.append(listener)

    def watch(self, watcher: Callable[[Package, Sequence[str]], None]) -> None:
        """Have a function called with every change of a package and what it changed, inside its transaction."""
        self._watchers.append(watcher)

    def create_group(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        tags: Sequence[Mapping[str, str]] = (),
        caller: Caller | None = None,
    ) -> str:
        """Make a group by CreateModelPackageGroup's input; returns its ARN."""
        return self.groups.create(account, region, request, tags, caller)

    def ensure_group(self, account: str, region: str, name: str) -> str:
        """The ARN of a group, which is made when it is not there."""
        return self.groups.ensure(account, region, name)

    def create_package(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        tags: Sequence[Mapping[str, str]] = (),
        caller: Caller | None = None,
    ) -> str:
        """Register a package by CreateModelPackage's input; returns its ARN.

        A group named by another account's ARN takes the version into that account.

        Raises:
            Invalid: the name is taken, the group does not exist, or members contradict each other.
            Denied: the group is another account's and its policy does not let the caller.
        """
        changes.check_new(request)

        def do() -> str:
            name = request.get("ModelPackageGroupName")
            group = self._next_version(name, account, region, caller) if name else None
            package = self._new(account, region, request, group, caller)
            if group is None and self._packages.get(package.arn) is not None:
                raise Invalid(f"Model Package already exists: {package.arn}")
            self._packages.add(package)
            self._tags.add(package.arn, tags)
            for listener in tuple(self._listeners):
                listener(package)
            return package.arn

        return self._tokens.once(f"{account}/{region}/CreateModelPackage", request, do)

    def describe_package(
        self, name_or_arn: str, account: str, region: str, caller: Caller | None = None
    ) -> dict[str, Any]:
        """The DescribeModelPackage answer.

        Raises:
            Invalid: there is no such package.
            Denied: it is another account's and its group's policy does not let the caller.
        """
        return describe.describe(self._reach(name_or_arn, account, region, caller, "DescribeModelPackage"))

    def batch_describe(self, arns: Sequence[str], caller: Caller, region: str) -> dict[str, Any]:
        """The BatchDescribeModelPackage answer: what can be described, and an error for what cannot."""
        outcomes = {arn: self._outcome(arn, caller, region) for arn in arns}
        return {
            "ModelPackageSummaries": {
                arn: describe.batch_summary(outcome)
                for arn, outcome in outcomes.items()
                if isinstance(outcome, Package)
            },
            "BatchDescribeModelPackageErrorMap": {
                arn: {"ErrorCode": outcome.code, "ErrorResponse": outcome.message}
                for arn, outcome in outcomes.items()
                if isinstance(outcome, DomainError)
            },
        }

    def update_package(
        self, account: str, region: str, request: Mapping[str, Any], caller: Caller | None = None
    ) -> str:
        """Change a package by UpdateModelPackage's input; returns its ARN.

        Raises:
            Invalid: there is no such package, or the change does not fit it.
            Denied: it is another account's and its group's policy does not let the caller.
        """

        def do() -> str:
            package = self._reach(request["ModelPackageArn"], account, region, caller, "UpdateModelPackage")
            approval = request.get("ModelApprovalStatus", package.approval)
            if approval and not package.group:
                raise Invalid("ModelApprovalStatus does not apply to an unversioned model package.")
            updated = replace(
                package,
                approval=approval,
                document=changes.changed(package.document, request),
                modified=self._clock.now(),
                modified_by=user_context(caller),
            )
            self._packages.update(updated)
            for watcher in tuple(self._watchers):
                watcher(updated, changes.fields(request))
            return package.arn

        return self._tokens.once(f"{account}/{region}/UpdateModelPackage", request, do)

    def list_packages(
        self,
        account: str,
        region: str,
        listing: Listing,
        *,
        group: str | None = None,
        kind: str | None = None,
        caller: Caller | None = None,
    ) -> Page[Package]:
        """Packages of a group, or of an account and region.

        Args:
            account: the account that asks.
            region: where it asks.
            listing: filters, order and size.
            group: a group's name or ARN, or None.
            kind: Versioned, Unversioned or Both; without a group the default is Unversioned, as on AWS.
            caller: who asks, for another account's group.

        Raises:
            Invalid: there is no such group.
            Denied: it is another account's and its policy does not let the caller.
        """
        if group is not None:
            found = self.groups.get(group, account, region)
            check_access(caller, found, "ListModelPackages", found.arn)
            if kind == "Unversioned":
                return Page((), None)
            return self._packages.list(
                found.account, found.region, listing, group_arn=found.arn, versioned=True
            )
        versioned = {"Versioned": True, "Both": None}.get(kind or "Unversioned", False)
        return self._packages.list(account, region, listing, group_arn=None, versioned=versioned)

    def delete_package(
        self, name_or_arn: str, account: str, region: str, caller: Caller | None = None
    ) -> None:
        """Forget a package and its tags; its number is not given again.

        Raises:
            Invalid: there is no such package.
            Denied: it is another account's and its group's policy does not let the caller.
        """
        with self._transactions.transaction():
            package = self._reach(name_or_arn, account, region, caller, "DeleteModelPackage")
            self._packages.delete(package.arn)
            self._tags.clear(package.arn)

    def deployable(
        self,
        name_or_arn: str,
        account: str,
        region: str,
        specification: str | None = None,
        caller: Caller | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """The containers of a package that may be deployed (``models.ports.PackageContainers``)."""
        package = self._reach(name_or_arn, account, region, caller, "CreateModel")
        if package.group and package.approval != "Approved":
            raise Invalid(f"Model package {package.arn} is not approved: its status is {package.approval}.")
        return describe.containers(package, specification)

    def _reach(
        self, name_or_arn: str, account: str, region: str, caller: Caller | None, action: str
    ) -> Package:
        """A package that the caller may do this to; another account learns nothing about what is not there."""
        arn = package_arn_of(name_or_arn, account, region)
        package = self._packages.get(arn)
        if caller is not None and caller.account != Arn.parse(arn).account:
            group = self._group_store.get(package.group_arn) if package and package.group else None
            check_access(caller, group, action, package.arn if package else arn)
        if package is None:
            raise Invalid(f"ModelPackage {arn} does not exist.")
        return package

    def _outcome(self, arn: str, caller: Caller, region: str) -> Package | DomainError:
        try:
            return self._reach(arn, caller.account, region, caller, "DescribeModelPackage")
        except DomainError as error:
            return error

    def _next_version(self, name: str, account: str, region: str, caller: Caller | None) -> Group:
        group = self.groups.get(name, account, region)
        check_access(caller, group, "CreateModelPackage", group.arn)
        counted = replace(group, last_version=group.last_version + 1)
        self._group_store.update(counted)
        return counted

    def _new(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        group: Group | None,
        caller: Caller | None,
    ) -> Package:
        approval = request.get("ModelApprovalStatus", "PendingManualApproval") if group else ""
        return Package(
            account=group.account if group else account,
            region=group.region if group else region,
            name=group.name if group else request["ModelPackageName"],
            group=group.name if group else "",
            version=group.last_version if group else 0,
            approval=approval,
            status="Completed",
            created=self._clock.now(),
            document={name: value for name, value in request.items() if name not in _NOT_IN_DOCUMENT},
            created_by=user_context(caller),
        )

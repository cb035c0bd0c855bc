"""Model package groups: the names that versions are counted under, with a policy for other accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Conflict, Invalid
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.policy import parse
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.registry.access import check_access, group_arn_of
from ropeway.sandbox.domain.registry.model import Group
from ropeway.sandbox.domain.registry.ports import GroupStore, PackageStore
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.clock import Clock

__all__ = ["Groups", "user_context"]


class Groups:
    """Creates, describes and deletes groups, and keeps their policies.

    Groups are named by name (in the given account and region) or by ARN.
    """

    def __init__(
        self,
        store: GroupStore,
        packages: PackageStore,
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
    ) -> None:
        self._store = store
        self._packages = packages
        self._transactions = transactions
        self._clock = clock
        self._tags = tags

    def create(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        tags: Sequence[Mapping[str, str]] = (),
        caller: Caller | None = None,
    ) -> str:
        """Make a group by CreateModelPackageGroup's input; returns its ARN.

        Raises:
            Invalid: the name is taken.
        """
        group = Group(
            account,
            region,
            request["ModelPackageGroupName"],
            self._clock.now(),
            created_by=user_context(caller),
            description=request.get("ModelPackageGroupDescription"),
            configuration=request.get("ManagedConfiguration", {}),
        )
        with self._transactions.transaction():
            existing = self._store.get(group.arn)
            if existing is not None:
                raise Invalid(f"Model Package Group already exists: {existing.arn}")
            self._store.add(group)
            self._tags.add(group.arn, tags)
        return group.arn

    def ensure(self, account: str, region: str, name: str) -> str:
        """The ARN of a group, which is made when it is not there."""
        with self._transactions.transaction():
            existing = self._store.get(group_arn_of(name, account, region))
            if existing is not None:
                return existing.arn
            return self.create(account, region, {"ModelPackageGroupName": name})

    def get(self, name_or_arn: str, account: str, region: str) -> Group:
        """A group.

        Raises:
            Invalid: there is none.
        """
        arn = group_arn_of(name_or_arn, account, region)
        group = self._store.get(arn)
        if group is None:
            raise Invalid(f"ModelPackageGroup {arn} does not exist.")
        return group

    def describe(self, name_or_arn: str, caller: Caller, region: str) -> dict[str, Any]:
        """The DescribeModelPackageGroup answer.

        Raises:
            Invalid: there is no such group.
            Denied: it is another account's and its policy does not let the caller.
        """
        group = self.get(name_or_arn, caller.account, region)
        check_access(caller, group, "DescribeModelPackageGroup", group.arn)
        answer: dict[str, Any] = {
            "ModelPackageGroupName": group.name,
            "ModelPackageGroupArn": group.arn,
            "CreationTime": datetime.fromtimestamp(group.created, tz=timezone.utc),
            "CreatedBy": dict(group.created_by),
            "ModelPackageGroupStatus": "Completed",
        }
        if group.description is not None:
            answer["ModelPackageGroupDescription"] = group.description
        if group.configuration:
            answer["ManagedConfiguration"] = dict(group.configuration)
        return answer

    def list(self, account: str, region: str, listing: Listing) -> Page[Group]:
        """Groups of one account and region."""
        return self._store.list(account, region, listing)

    def delete(self, name_or_arn: str, caller: Caller, region: str) -> None:
        """Forget an empty group, its policy and its tags.

        Raises:
            Invalid: there is no such group.
            Conflict: it has packages.
            Denied: it is another account's and its policy does not let the caller.
        """
        with self._transactions.transaction():
            group = self.get(name_or_arn, caller.account, region)
            check_access(caller, group, "DeleteModelPackageGroup", group.arn)
            if self._packages.any_in(group.arn):
                raise Conflict(
                    f"Model Package Group {group.arn} cannot be deleted because it still contains Model Packages."
                )
            self._store.delete(group.arn)
            self._tags.clear(group.arn)

    def put_policy(self, name: str, account: str, region: str, policy: str) -> str:
        """Set the group's resource policy (a JSON document); returns the group's ARN.

        Raises:
            Invalid: there is no such group, or the policy is not a policy.
        """
        try:
            parse(policy)
        except Invalid as error:
            raise Invalid(f"Invalid resource policy: {error.message}") from error
        return self._set_policy(name, account, region, policy).arn

    def get_policy(self, name: str, account: str, region: str) -> str:
        """The group's resource policy.

        Raises:
            Invalid: there is no such group, or it has no policy.
        """
        group = self._for_policy(name, account, region)
        if group.policy is None:
            raise Invalid(f"Cannot find resource policy for: {group.arn}")
        return group.policy

    def delete_policy(self, name: str, account: str, region: str) -> None:
        """Take the group's resource policy away.

        Raises:
            Invalid: there is no such group.
        """
        self._set_policy(name, account, region, None)

    def _set_policy(self, name: str, account: str, region: str, policy: str | None) -> Group:
        with self._transactions.transaction():
            group = replace(self._for_policy(name, account, region), policy=policy)
            self._store.update(group)
        return group

    def _for_policy(self, name: str, account: str, region: str) -> Group:
        arn = group_arn_of(name, account, region)
        group = self._store.get(arn)
        if group is None:
            raise Invalid(f"Cannot find Model Package Group: {arn}")
        return group


def user_context(caller: Caller | None) -> dict[str, Any]:
    """Who did something, as the API tells it; empty for the sandbox itself."""
    if caller is None:
        return {}
    return {"IamIdentity": {"Arn": caller.arn, "PrincipalId": caller.user_id}}

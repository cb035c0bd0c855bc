"""What the registry needs: places to keep groups, packages and client tokens."""

from __future__ import annotations

from typing import Protocol

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.registry.model import Group, Package

__all__ = ["GroupStore", "PackageStore", "TokenStore"]


class GroupStore(Protocol):
    """Keeps groups; names differ by more than case. Takes part in the caller's transaction."""

    def add(self, group: Group) -> None:
        """Keep a new group."""

    def update(self, group: Group) -> None:
        """Write a group's description, policy and last version."""

    def get(self, arn: str) -> Group | None:
        """A group by its ARN, in any case."""

    def delete(self, arn: str) -> None:
        """Forget a group."""

    def list(self, account: str, region: str, listing: Listing) -> Page[Group]:
        """Groups of one account and region."""


class PackageStore(Protocol):
    """Keeps packages; names differ by more than case. Takes part in the caller's transaction."""

    def add(self, package: Package) -> None:
        """Keep a new package."""

    def update(self, package: Package) -> None:
        """Write what has changed of a package."""

    def get(self, arn: str) -> Package | None:
        """A package by its ARN, in any case."""

    def delete(self, arn: str) -> None:
        """Forget a package."""

    def any_in(self, group_arn: str) -> bool:
        """Whether a group has packages."""

    def list(
        self, account: str, region: str, listing: Listing, *, group_arn: str | None, versioned: bool | None
    ) -> Page[Package]:
        """Packages of one account and region.

        Args:
            account: the owner.
            region: where they are.
            listing: filters, order and size.
            group_arn: only this group's, or None for all.
            versioned: only versioned ones, only unversioned ones, or both (None).
        """


class TokenStore(Protocol):
    """Remembers client tokens for a day."""

    def get(self, scope: str, token: str) -> tuple[str, str] | None:
        """The digest of the request that used a token, and the ARN it was answered with."""

    def put(self, scope: str, token: str, digest: str, arn: str, now: float) -> None:
        """Remember a token; those of yesterday may go."""

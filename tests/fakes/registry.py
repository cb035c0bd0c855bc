"""Groups, packages and client tokens in memory."""

from __future__ import annotations

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.registry.model import Group, Package


class MemoryGroups:
    """Implements ``domain.registry.ports.GroupStore``; lists without filters."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}

    def add(self, group: Group) -> None:
        self.groups[group.arn.lower()] = group

    def update(self, group: Group) -> None:
        assert group.arn.lower() in self.groups
        self.groups[group.arn.lower()] = group

    def get(self, arn: str) -> Group | None:
        return self.groups.get(arn.lower())

    def delete(self, arn: str) -> None:
        del self.groups[arn.lower()]

    def list(self, account: str, region: str, listing: Listing) -> Page[Group]:
        owner = (account, region)
        return Page([group for group in self.groups.values() if (group.account, group.region) == owner], None)


class MemoryPackages:
    """Implements ``domain.registry.ports.PackageStore``; lists without filters."""

    def __init__(self) -> None:
        self.packages: dict[str, Package] = {}

    def add(self, package: Package) -> None:
        self.packages[package.arn.lower()] = package

    def update(self, package: Package) -> None:
        assert package.arn.lower() in self.packages
        self.packages[package.arn.lower()] = package

    def get(self, arn: str) -> Package | None:
        return self.packages.get(arn.lower())

    def delete(self, arn: str) -> None:
        del self.packages[arn.lower()]

    def any_in(self, group_arn: str) -> bool:
        return any(package.group_arn == group_arn for package in self.packages.values())

    def list(
        self, account: str, region: str, listing: Listing, *, group_arn: str | None, versioned: bool | None
    ) -> Page[Package]:
        found = [
            package
            for package in self.packages.values()
            if (package.account, package.region) == (account, region)
            and group_arn in {None, package.group_arn}
            and versioned in {None, bool(package.group)}
        ]
        return Page(found, None)


class MemoryTokens:
    """Implements ``domain.registry.ports.TokenStore``."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[str, str], tuple[str, str]] = {}

    def get(self, scope: str, token: str) -> tuple[str, str] | None:
        return self.tokens.get((scope, token))

    def put(self, scope: str, token: str, digest: str, arn: str, now: float) -> None:
        self.tokens[scope, token] = (digest, arn)

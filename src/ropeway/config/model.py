"""The platform: what ``ropeway.yaml`` says, as frozen values.

A field's description is its line in the reference page, its hint in editors, and the advice when it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, StrictBool, StrictInt

from ropeway.config.automation import Approvals, Deliveries, Events, Groups, Products, Quotas
from ropeway.config.environments import Environment, Network, Operations, Part, Place, Tags
from ropeway.config.fields import (
    Branch,
    EnvironmentName,
    ForgeHost,
    Mail,
    Organization,
    PlatformName,
    Region,
    Repository,
    UnitName,
    UserName,
)
from ropeway.config.names import OPERATIONS, Names
from ropeway.config.retraining import Retrainings

__all__ = ["Forge", "Platform", "Site", "Terraform", "Unit", "Users"]


class Forge(Part):
    """Where the code lives."""

    kind: Literal["github", "gitlab", "sandbox"] = Field(description="which forge")
    organization: Organization = Field(description="organization or group that owns the repositories")
    repository: Repository = Field(
        default="platform", description="the repository of this file, without the organization"
    )
    branch: Branch = Field(default="main", description="the branch that may change accounts")
    host: ForgeHost | None = Field(
        default=None, description="host of a forge of your own, such as gitlab.acme.example"
    )


class Terraform(Part):
    """How state is kept."""

    lock_table: StrictBool = Field(
        default=False, description="also lock by a DynamoDB table, for tools that cannot lock in S3"
    )


class Users(Part):
    """Studio users, by what they may do."""

    data_scientists: tuple[UserName, ...] = Field(default=(), description="may train and register")
    leads: tuple[UserName, ...] = Field(default=(), description="may also create projects and approve models")


class Unit(Part):
    """A business unit: an operations account and a promotion path of environments."""

    region: Region = Field(description="region of all its accounts, where they do not say otherwise")
    operations: Operations = Field(description="the operations account: a number, or a mapping")
    environments: dict[EnvironmentName, Environment] = Field(
        min_length=1, description="environments by name; their order is the promotion path"
    )
    users: Users = Field(default=Users(), description="Studio users")
    network: Network = Field(default=Network(), description="network of its environments")
    emails: tuple[Mail, ...] = Field(default=(), description="who is told of failures, drift and budgets")
    tags: Tags = Field(default={}, description="tags of everything in its accounts")
    monthly_budget: StrictInt | None = Field(
        default=None, ge=1, description="US dollars a month, for each of its accounts"
    )
    quotas: Quotas = Field(default={}, description="quotas to ask AWS for in each of its accounts")
    model_groups: Groups = Field(
        default={},
        description="model package groups that stand from the beginning, each with its description",
    )
    events: Events = Field(
        default=Events(), description="schedules, mails and retraining of each of its environments"
    )
    deliveries: Deliveries = Field(
        default={}, description="what approved versions start in CI, by a word of yours"
    )
    approval_rules: Approvals = Field(
        default={}, description="versions that are approved by their metrics, by a word of yours"
    )
    products: Products = Field(
        default={}, description="templates of projects, in the first environment's catalog"
    )
    retraining: Retrainings = Field(
        default={}, description="use cases that retrain when their data drift, by name"
    )

    @property
    def first(self) -> str:
        """The environment where people work."""
        return next(iter(self.environments))


class Platform(Part):
    """Everything one organisation runs."""

    version: Literal[1] = Field(description="version of this format")
    name: PlatformName = Field(description="first word of every name")
    forge: Forge = Field(description="where the code lives")
    ci: Literal["github-actions", "gitlab-ci", "jenkins"] = Field(description="what runs deliveries")
    compatibility: Literal["none", "s1"] = Field(
        default="none",
        description="s1 also publishes parameters under the names of mlops-multi-account-terraform",
    )
    shared_accounts: StrictBool = Field(
        default=False, description="whether several environments may share an account, as in a trial"
    )
    terraform: Terraform = Field(default=Terraform(), description="how state is kept")
    tags: Tags = Field(default={}, description="tags of everything")
    units: dict[UnitName, Unit] = Field(min_length=1, description="business units by name")

    def sites(self) -> Iterator[Site]:
        """Every account that is managed: per unit operations, then the environments in order."""
        for name, unit in self.units.items():
            yield Site(self, name, OPERATIONS)
            for environment in unit.environments:
                yield Site(self, name, environment)

    def site(self, unit: str, environment: str) -> Site:
        """One of them.

        Raises:
            KeyError: there is none of these names.
        """
        if environment != OPERATIONS:
            self.units[unit].environments[environment]
        elif unit not in self.units:
            raise KeyError(unit)
        return Site(self, unit, environment)


class Site:
    """One environment of one unit, or its operations account, with everything that is inherited filled in."""

    def __init__(self, platform: Platform, unit: str, environment: str) -> None:
        self.platform = platform
        self.unit_name = unit
        self.environment_name = environment
        self.unit = platform.units[unit]

    @property
    def is_operations(self) -> bool:
        """Whether this is the operations account."""
        return self.environment_name == OPERATIONS

    @property
    def place(self) -> Place:
        """The part of the file."""
        return self.unit.operations if self.is_operations else self.unit.environments[self.environment_name]

    @property
    def path(self) -> tuple[str, ...]:
        """Where it stands in the file."""
        if self.is_operations:
            return ("units", self.unit_name, OPERATIONS)
        return ("units", self.unit_name, "environments", self.environment_name)

    @property
    def account(self) -> str:
        """The account's number."""
        return self.place.account

    @property
    def region(self) -> str:
        """Its region, else the unit's."""
        return self.place.region or self.unit.region

    @property
    def network(self) -> Network:
        """Its network, else the unit's."""
        return getattr(self.place, "network", None) or self.unit.network

    @property
    def monthly_budget(self) -> int | None:
        """Its budget, else the unit's."""
        return self.place.monthly_budget or self.unit.monthly_budget

    @property
    def quotas(self) -> Quotas:
        """Its quotas, else the unit's."""
        return self.unit.quotas if self.place.quotas is None else self.place.quotas

    @property
    def events(self) -> Events:
        """Its schedules, mails and retraining, else the unit's."""
        return getattr(self.place, "events", None) or self.unit.events

    @property
    def deliveries(self) -> Deliveries:
        """Its deliveries, else the unit's."""
        own: Deliveries | None = getattr(self.place, "deliveries", None)
        return self.unit.deliveries if own is None else own

    @property
    def approval_rules(self) -> Approvals:
        """Its approval rules, else the unit's."""
        own: Approvals | None = getattr(self.place, "approval_rules", None)
        return self.unit.approval_rules if own is None else own

    @property
    def tags(self) -> dict[str, str]:
        """All tags: the platform's, the unit's, its own, and Ropeway's."""
        own = {
            "ropeway:platform": self.platform.name,
            "ropeway:unit": self.unit_name,
            "ropeway:environment": self.environment_name,
        }
        return {**self.platform.tags, **self.unit.tags, **self.place.tags, **own}

    @property
    def names(self) -> Names:
        """Every name here."""
        return Names(
            self.platform.name,
            self.unit_name,
            self.environment_name,
            self.account,
            first=self.environment_name == self.unit.first,
        )

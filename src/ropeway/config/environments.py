"""One environment: an account and a region, and what differs there."""

from __future__ import annotations

from typing import Any

from pydantic import Field, StrictBool, StrictInt, model_validator

from ropeway.config.automation import Approvals, Deliveries, Events, Quotas
from ropeway.config.fields import (
    Account,
    Cidr,
    KeyArn,
    PolicyName,
    Region,
    Reviewer,
    SecurityGroupId,
    SubnetId,
    TagName,
    TagValue,
    VpcId,
    wrong,
)
from ropeway.config.part import Part
from ropeway.config.words import ServiceName

__all__ = ["Environment", "Keys", "Network", "Operations", "Part", "Tags"]

Tags = dict[TagName, TagValue]


class Network(Part):
    """The network of jobs, endpoints and Studio: made (cidr, zones, nat) or brought (vpc)."""

    cidr: Cidr | None = Field(default=None, description="network to make; 10.0.0.0/16 when nothing is said")
    zones: StrictInt | None = Field(
        default=None, ge=1, le=4, description="availability zones to use; 2 when nothing is said"
    )
    nat: StrictBool | None = Field(
        default=None,
        description="whether jobs reach the internet by a NAT gateway, which costs money; false when nothing is said",
    )
    vpc: VpcId | None = Field(default=None, description="your own VPC; then none of the keys above")
    subnets: tuple[SubnetId, ...] | None = Field(
        default=None,
        min_length=1,
        description="private subnets of your own VPC, two or more in different zones",
    )
    security_groups: tuple[SecurityGroupId, ...] | None = Field(
        default=None, min_length=1, max_length=5, description="security groups of your own VPC, for jobs"
    )
    interface_endpoints: tuple[ServiceName, ...] | None = Field(
        default=None,
        description="services that a network that is made reaches by private addresses, such as sagemaker.api;"
        " those that jobs use when nothing is said",
    )

    @property
    def brought(self) -> bool:
        """Whether the VPC is the user's own."""
        return self.vpc is not None

    @model_validator(mode="after")
    def _made_or_brought(self) -> Network:
        made = [
            key for key in ("cidr", "zones", "nat", "interface_endpoints") if getattr(self, key) is not None
        ]
        if self.vpc and made:
            raise wrong(
                f"'vpc' and {made[0]!r} exclude each other",
                f"take {made[0]!r} out, or let Ropeway make the VPC",
            )
        if self.vpc and not (self.subnets and self.security_groups):
            raise wrong(
                "'vpc' needs 'subnets' and 'security_groups'", "add those of your VPC that jobs shall use"
            )
        if not self.vpc and (self.subnets or self.security_groups):
            raise wrong(
                "'subnets' and 'security_groups' belong to a VPC of your own",
                "add its 'vpc', or take them out",
            )
        return self


class Keys(Part):
    """KMS keys of your own; for every purpose that is not named here a key is made."""

    data: KeyArn | None = Field(default=None, description="key of data, volumes and Studio's files")
    artifacts: KeyArn | None = Field(default=None, description="key of models, reports and code")
    logs: KeyArn | None = Field(default=None, description="key of log groups")
    notifications: KeyArn | None = Field(default=None, description="key of topics and queues")
    secrets: KeyArn | None = Field(default=None, description="key of secrets")


class Place(Part):
    """What an environment and the operations account have in common."""

    account: Account = Field(description="twelve digits, in quotes")
    region: Region | None = Field(default=None, description="region, where it is not the unit's")
    keys: Keys = Field(default=Keys(), description="KMS keys of your own")
    permissions_boundary: PolicyName | None = Field(
        default=None,
        description="name of a policy in the account that bounds every role; made by bootstrap when nothing is said",
    )
    monthly_budget: StrictInt | None = Field(
        default=None,
        ge=1,
        description="US dollars a month, where they are not the unit's; mails are sent when they are near",
    )
    quotas: Quotas | None = Field(
        default=None, description="quotas to ask AWS for, by a word of yours, in place of the unit's"
    )
    tags: Tags = Field(default={}, description="tags of everything here, besides the unit's")


class Environment(Place):
    """An environment of the promotion path."""

    reviewers: tuple[Reviewer, ...] = Field(
        default=(), description="who must approve what comes here: logins or teams of the forge"
    )
    network: Network | None = Field(default=None, description="network, where it is not the unit's")
    events: Events | None = Field(
        default=None, description="schedules, mails and retraining, in place of the unit's"
    )
    deliveries: Deliveries | None = Field(
        default=None, description="what approved versions start, in place of the unit's"
    )
    approval_rules: Approvals | None = Field(
        default=None, description="versions that are approved by their metrics, in place of the unit's"
    )


class Operations(Place):
    """The account for what environments share: registry, artifacts, images, state, ledger. A number alone will do."""

    @model_validator(mode="before")
    @classmethod
    def _number_alone(cls, value: Any) -> Any:
        return {"account": value} if isinstance(value, str | int | float) else value

"""What models need: a place to keep them, and somebody who knows model packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.values.arn import Arn

__all__ = ["Model", "ModelStore", "PackageContainers"]


@dataclass(frozen=True)
class Model:
    """A model as CreateModel described it.

    Attributes:
        request: the create request without its tags.
        created: epoch seconds.
    """

    account: str
    region: str
    name: str
    created: float
    request: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The model's ARN."""
        return str(Arn("sagemaker", self.region, self.account, f"model/{self.name}"))


class ModelStore(Protocol):
    """Keeps models; takes part in the caller's transaction."""

    def add(self, model: Model) -> None:
        """Keep a new model."""

    def get(self, arn: str) -> Model | None:
        """A model by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget a model."""

    def list(self, account: str, region: str, listing: Listing) -> Page[Model]:
        """Models of one account and region."""


class PackageContainers(Protocol):
    """What a model package serves with."""

    def deployable(
        self,
        name_or_arn: str,
        account: str,
        region: str,
        specification: str | None = None,
        caller: Caller | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """The containers of a package that may be deployed.

        Args:
            name_or_arn: of the package; a name is looked up in the account and region.
            account: the account that deploys.
            region: the region that it deploys in.
            specification: an additional inference specification's name, or None for the package's own.
            caller: who asks, for packages of other accounts; None asks as their owner.

        Raises:
            DomainError: there is no such package, it is not approved, or the caller may not use it.
        """

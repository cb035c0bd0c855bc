"""Models in memory."""

from __future__ import annotations

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.models.ports import Model


class MemoryModels:
    """Implements ``domain.models.ports.ModelStore``; lists without filters."""

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}

    def add(self, model: Model) -> None:
        self.models[model.arn] = model

    def get(self, arn: str) -> Model | None:
        return self.models.get(arn)

    def delete(self, arn: str) -> None:
        del self.models[arn]

    def list(self, account: str, region: str, listing: Listing) -> Page[Model]:
        owner = (account, region)
        return Page([model for model in self.models.values() if (model.account, model.region) == owner], None)

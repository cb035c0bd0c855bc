"""Endpoint configurations: kept as described, with what AWS fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.records.service import Records
from ropeway.values.arn import Arn

__all__ = ["KIND", "Configs", "completed"]

KIND = "EndpointConfig"
Model = Callable[[str], Mapping[str, Any]]


class Configs:
    """Makes and describes endpoint configurations.

    Args:
        model: a model's description by account, region and name.
    """

    def __init__(self, records: Records, model: Callable[[str, str, str], Mapping[str, Any]]) -> None:
        self._records = records
        self._model = model

    def create(
        self, account: str, region: str, request: Mapping[str, Any], tags: Sequence[Mapping[str, str]] = ()
    ) -> str:
        """Keep a configuration; returns its ARN.

        Raises:
            InUse: the name is taken.
            Invalid: variants of one name, or a model that is not there.
        """
        name = str(request["EndpointConfigName"])
        arn = str(Arn("sagemaker", region, account, f"endpoint-config/{name}"))
        document = {**request, **completed(request, lambda model: self._model(account, region, model))}
        record = Record(arn, KIND, account, region, name, "", 0.0, 0.0, document)
        return self._records.create(record, tags).arn

    def document(self, arn: str) -> Mapping[str, Any] | None:
        """A configuration as it is kept, or None."""
        found = self._records.get(arn)
        return None if found is None else found.document

    def describe(self, arn: str) -> dict[str, Any]:
        """The DescribeEndpointConfig answer.

        Raises:
            Invalid: there is no such configuration.
        """
        found = self._records.get(arn)
        if found is None:
            raise Invalid(f'Could not find endpoint configuration "{arn}".')
        created = datetime.fromtimestamp(found.created, tz=timezone.utc)
        return {**found.document, "EndpointConfigArn": arn, "CreationTime": created}


def completed(request: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """The variants of a request with what AWS fills in.

    Args:
        request: CreateEndpointConfig's input.
        model: a model's description by its name.

    Raises:
        Invalid: variants of one name, or a model that is not there.
    """
    made: dict[str, Any] = {}
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        variants = request.get(member, ())
        names = [variant["VariantName"] for variant in variants]
        if len(set(names)) < len(names):
            raise Invalid(f"Variant names must be unique: {', '.join(names)}")
        for variant in variants:
            if "ModelName" in variant:
                model(variant["ModelName"])
        if variants:
            made[member] = [{"InitialVariantWeight": 1.0, **variant} for variant in variants]
    return made

"""Models: descriptions of inference containers that transform jobs (and endpoints) run.

A model is immutable. A container names its image and artifacts itself, or a model package, whose inference
specification is resolved when the model is *used*: a package that is deleted meanwhile fails the job, as on AWS.
A package must be approved when the model is created.

Left out: whether images and artifacts exist is not asked before somebody uses them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.jobs.model import Container
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.models.ports import Model, ModelStore, PackageContainers
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Models"]


class Models:
    """Creates, describes and resolves models."""

    def __init__(
        self,
        store: ModelStore,
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
        packages: PackageContainers,
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._tags = tags
        self._packages = packages

    def create(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        tags: Sequence[Mapping[str, str]] = (),
        *,
        caller: Caller | None = None,
    ) -> str:
        """Keep a model; returns its ARN.

        Args:
            account: the account that owns it.
            region: the region that it is in.
            request: CreateModel's input, valid by the service model.
            tags: API-shaped, for the model's ARN.
            caller: who asks, for model packages of other accounts; None asks as their owner.

        Raises:
            Invalid: the name is taken, or the containers are wrong.
            DomainError: a model package does not exist, is not approved, or is not the caller's to use.
        """
        kept = {name: value for name, value in request.items() if name != "Tags"}
        model = Model(account, region, str(request["ModelName"]), self._clock.now(), kept)
        for container in _definitions(kept):
            self._check(container, model, caller)
        with self._transactions.transaction():
            if self._store.get(model.arn) is not None:
                raise Invalid(f'Cannot create already existing model "{model.arn}".')
            self._store.add(model)
            self._tags.add(model.arn, tags)
        return model.arn

    def describe(self, account: str, region: str, name: str) -> dict[str, Any]:
        """The DescribeModel answer.

        Raises:
            Invalid: there is no such model.
        """
        model = self._get(account, region, name)
        return {
            "EnableNetworkIsolation": False,
            **model.request,
            **_with_modes(model.request),
            "ModelArn": model.arn,
            "CreationTime": datetime.fromtimestamp(model.created, tz=timezone.utc),
        }

    def list(self, account: str, region: str, listing: Listing) -> Page[Model]:
        """Models of one account and region."""
        return self._store.list(account, region, listing)

    def delete(self, account: str, region: str, name: str) -> None:
        """Forget a model and its tags; its artifacts and its jobs stay.

        Raises:
            Invalid: there is no such model.
        """
        with self._transactions.transaction():
            arn = self._get(account, region, name).arn
            self._store.delete(arn)
            self._tags.clear(arn)

    def containers(self, account: str, region: str, name: str) -> tuple[Container, ...]:
        """The model's inference containers in order, with model packages resolved.

        Raises:
            DomainError: there is no such model, or its model package is gone or no longer approved.
        """
        model = self._get(account, region, name)
        role = model.request.get("ExecutionRoleArn", "")
        resolved: list[Container] = []
        for definition in _definitions(model.request):
            package = definition.get("ModelPackageName")
            if package is None:
                resolved.append(_container(definition, {}, role))
                continue
            specification = definition.get("InferenceSpecificationName")
            parts = self._packages.deployable(package, account, region, specification)
            resolved += [_container(part, definition.get("Environment", {}), role) for part in parts]
        return tuple(resolved)

    def _get(self, account: str, region: str, name: str) -> Model:
        arn = str(Arn("sagemaker", region, account, f"model/{name}"))
        model = self._store.get(arn)
        if model is None:
            raise Invalid(f'Could not find model "{arn}".')
        return model

    def _check(self, container: Mapping[str, Any], model: Model, caller: Caller | None) -> None:
        package = container.get("ModelPackageName")
        if package is None and "Image" not in container:
            raise Invalid("A container definition must contain either an Image or a ModelPackageName.")
        if package is None:
            return
        if "Image" in container or "ModelDataUrl" in container or "ModelDataSource" in container:
            raise Invalid(
                "A container definition with a ModelPackageName must not contain an Image or model data."
            )
        specification = container.get("InferenceSpecificationName")
        self._packages.deployable(package, model.account, model.region, specification, caller)


def _definitions(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    primary, several = request.get("PrimaryContainer"), request.get("Containers")
    if primary is not None and several:
        raise Invalid("Only one of PrimaryContainer and Containers can be given.")
    if primary is not None:
        return (primary,)
    if not several:
        raise Invalid("One of PrimaryContainer and Containers must be given.")
    return tuple(several)


def _container(definition: Mapping[str, Any], environment: Mapping[str, str], role: str) -> Container:
    source = definition.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri")
    return Container(
        image=definition["Image"],
        model_data_url=definition.get("ModelDataUrl") or source,
        environment={**definition.get("Environment", {}), **environment},
        role_arn=role,
    )


def _with_modes(request: Mapping[str, Any]) -> dict[str, Any]:
    """The containers as AWS describes them: a mode is always told."""
    described: dict[str, Any] = {}
    if "PrimaryContainer" in request:
        described["PrimaryContainer"] = {"Mode": "SingleModel", **request["PrimaryContainer"]}
    if request.get("Containers"):
        described["Containers"] = [{"Mode": "SingleModel", **each} for each in request["Containers"]]
    return described

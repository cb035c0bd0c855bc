"""Endpoints: who makes, updates and deletes them.

An endpoint is written before its containers are started, so a crash in between loses nothing: ``recover`` starts anew
what the server before served. Every change goes through ``Moves``: one transaction that reads the endpoint, asks the
table of ``lifecycle`` and writes the row. What the one who serves reports comes to ``Deployments``; a report that is
late (another deployment is pending, the endpoint is being deleted) changes nothing.

An update is blue/green: the old deployment answers until the new one is ready, and goes on when that fails, with a
FailureReason. A DeploymentConfig shifts the traffic in steps (see ``rollout``); an alarm of it takes the shift back.
After a restart a shift begins anew.

Left out, and refused by name: asynchronous and serverless inference, inference components, shadow variants, online
explanations. One process serves a variant, whatever its instance count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ropeway.sandbox.domain.endpoints import lifecycle, requests
from ropeway.sandbox.domain.endpoints.configs import Configs
from ropeway.sandbox.domain.endpoints.deployments import World
from ropeway.sandbox.domain.endpoints.describe import describe
from ropeway.sandbox.domain.endpoints.model import Deployment, Endpoint
from ropeway.sandbox.domain.endpoints.moves import Moves
from ropeway.sandbox.domain.endpoints.ports import Servings
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.jobs.model import Container, StepRef
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn

__all__ = ["Catalog", "Endpoints"]


@dataclass(frozen=True)
class Catalog:
    """What deployments are made of.

    Attributes:
        configs: endpoint configurations.
        containers: a model's containers by account, region and name.
        model: a model's description by the same.
    """

    configs: Configs
    containers: Callable[[str, str, str], tuple[Container, ...]]
    model: Callable[[str, str, str], Mapping[str, Any]]


class Endpoints:
    """The life of endpoints.

    Attributes:
        changes: who wants to hear of endpoints that change is told by this.
        configs: endpoint configurations.
    """

    def __init__(self, moves: Moves, world: World, tags: Tags, catalog: Catalog, servings: Servings) -> None:
        self.changes = moves
        self.configs = catalog.configs
        self._moves = moves
        self._world = world
        self._tags = tags
        self._catalog = catalog
        self._servings = servings

    def create(
        self, account: str, region: str, request: Mapping[str, Any], tags: Sequence[Mapping[str, str]] = ()
    ) -> Endpoint:
        """Make an endpoint and start its containers.

        Raises:
            Invalid: the name is taken, or the configuration is not there.
            DomainError: the sandbox does not serve what the configuration asks for.
        """
        made = self._make(account, region, request, tags, None)
        self.begin(made.arn)
        return made

    def write(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        *,
        tags: Sequence[Mapping[str, str]],
        step: StepRef,
    ) -> Endpoint:
        """Make an endpoint for a pipeline's step, or update it when there is one; ``begin`` starts its containers.

        Raises:
            Invalid: it is not in service, or the configuration is not there.
            DomainError: the sandbox does not serve what the configuration asks for.
        """
        arn = str(Arn("sagemaker", region, account, f"endpoint/{request['EndpointName']}"))
        if self._moves.store.get(arn) is None:
            return self._make(account, region, request, tags, step)
        return self._change(arn, self._updated(arn, request, step))

    def begin(self, arn: str) -> None:
        """Start the containers of what is pending, if it still is."""
        found = self._moves.store.get(arn)
        if found is not None and found.pending is not None and found.pends(found.pending.id):
            self._servings.start(found, found.pending)

    def _make(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        tags: Sequence[Mapping[str, str]],
        step: StepRef | None,
    ) -> Endpoint:
        """Write a new endpoint.

        Raises:
            Invalid: the name is taken, or the configuration is not there.
            DomainError: the sandbox does not serve what the configuration asks for.
        """
        now = self._world.clock.now()
        made = Endpoint(account, region, request["EndpointName"], "Creating", now, now)
        deployment = self._deployment(made, request["EndpointConfigName"])
        made = replace(made, pending=deployment, policy=request.get("DeploymentConfig", {}), step_of=step)
        with self._moves.transactions.transaction():
            if self._moves.store.get(made.arn) is not None:
                raise Invalid(f'Cannot create already existing endpoint "{made.arn}".')
            self._moves.put(made)
            self._tags.add(made.arn, tags)
        return made

    def update(self, arn: str, request: Mapping[str, Any]) -> Endpoint:
        """Start the containers of another configuration; they take over when they are ready.

        Raises:
            Invalid: there is no such endpoint, it is not in service, or the configuration is not there.
            DomainError: the sandbox does not serve what the configuration asks for.
        """
        return self._start(arn, self._updated(arn, request, None))

    def reweigh(self, arn: str, wanted: Sequence[Mapping[str, Any]]) -> Endpoint:
        """Change weights and instance counts of what serves.

        Raises:
            Invalid: there is no such endpoint or variant, or it is not in service.
        """

        def change(endpoint: Endpoint) -> Endpoint:
            moved = self._asked(endpoint, "update")
            return replace(moved, pending=requests.reweighted(endpoint, wanted), step_of=None)

        return self._start(arn, change)

    def delete(self, arn: str) -> None:
        """End an endpoint's containers and forget it.

        Raises:
            Invalid: there is no such endpoint, or it is being made, updated or deleted.
        """
        deleted = self._moves.move(arn, lambda endpoint: self._asked(endpoint, "delete"))
        if deleted is not None:
            self._servings.end(deleted)

    def get(self, arn: str) -> Endpoint:
        """An endpoint by its ARN.

        Raises:
            Invalid: there is none, in AWS's words.
        """
        found = self._moves.store.get(arn)
        if found is None:
            raise requests.missing(arn)
        return found

    def describe(self, arn: str) -> dict[str, Any]:
        """The DescribeEndpoint answer.

        Raises:
            Invalid: there is no such endpoint.
        """
        return describe(self._moves.get(arn))

    def list(self, account: str, region: str, listing: Listing) -> Page[Endpoint]:
        """Endpoints of one account and region."""
        return self._moves.store.list(account, region, listing)

    def recover(self) -> None:
        """After a restart: start anew what served, and what was to."""
        for endpoint in self._moves.store.all():
            if endpoint.status == "Failed":
                continue
            if endpoint.status == "Deleting":
                self._servings.end(endpoint)
                continue
            if endpoint.share or endpoint.step:
                self._moves.move(endpoint.arn, lambda found: replace(found, share=0.0, step=0))
            if endpoint.serving is not None:
                self._servings.start(endpoint, endpoint.serving)
            if endpoint.pending is not None:
                self._servings.start(endpoint, endpoint.pending)

    def close(self) -> None:
        """The server stops: containers end; ``recover`` of the next server starts them again."""
        self._servings.close()

    def _updated(
        self, arn: str, request: Mapping[str, Any], step: StepRef | None
    ) -> Callable[[Endpoint], Endpoint]:
        """The change that an update is."""
        deployment = self._deployment(self._moves.get(arn), request["EndpointConfigName"])
        keep = request.get("RetainDeploymentConfig", False)

        def change(endpoint: Endpoint) -> Endpoint:
            wanted = deployment
            if request.get("RetainAllVariantProperties") and endpoint.serving is not None:
                excluded = [
                    each["VariantPropertyType"]
                    for each in request.get("ExcludeRetainedVariantProperties", ())
                ]
                wanted = requests.retained(deployment, endpoint.serving, excluded)
            policy = endpoint.policy if keep else request.get("DeploymentConfig", {})
            return replace(self._asked(endpoint, "update"), pending=wanted, policy=policy, step_of=step)

        return change

    def _change(self, arn: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint:
        moved = self._moves.move(arn, change)
        assert moved is not None  # this change is never None
        return moved

    def _start(self, arn: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint:
        moved = self._change(arn, change)
        assert moved.pending is not None  # a change that starts names what
        self._servings.start(moved, moved.pending)
        return moved

    def _asked(self, endpoint: Endpoint, event: str) -> Endpoint:
        """The endpoint after a caller's event.

        Raises:
            Invalid: its status does not allow it.
        """
        try:
            return replace(endpoint, status=lifecycle.next_status(endpoint.status, event))
        except lifecycle.IllegalMoveError as error:
            if endpoint.status == "Failed":
                raise Invalid(f'Cannot update failed endpoint "{endpoint.arn}".') from error
            raise Invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".') from error

    def _deployment(self, endpoint: Endpoint, config: str) -> Deployment:
        account, region = endpoint.account, endpoint.region
        arn = str(Arn("sagemaker", region, account, f"endpoint-config/{config}"))
        document = self.configs.document(arn)
        if document is None:
            raise Invalid(f'Could not find endpoint configuration "{arn}".')
        sources = requests.Sources(
            lambda model: self._catalog.containers(account, region, model),
            lambda model: self._catalog.model(account, region, model),
        )
        return requests.deployment_of(
            config,
            document,
            sources,
            unique=self._world.ids.token(12),
            begun=self._world.clock.now(),
        )

"""EndpointConfig and Endpoint: a model goes into service.

An Endpoint step makes the endpoint, or updates it when there is one of its name. The endpoint is written together with
the step's row; its containers start after the commit, and a restart starts them anew. The step succeeds when the
endpoint is in service with the new configuration; an update that was taken back fails it. Stopping an execution does
not stop a deployment: the step ends when that does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.endpoints.service import Endpoints
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import StepRef
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext, require

__all__ = ["EndpointConfigStep", "EndpointStep", "reporter"]

_SETTLED = frozenset({"InService", "Failed"})


class EndpointConfigStep:
    """Calls CreateEndpointConfig."""

    def check(self, step: StepSpec) -> None:
        """It has variants."""
        require(step, "ProductionVariants")

    def begin(self, context: StepContext) -> Progress:
        """Keep the configuration."""
        request = {"EndpointConfigName": context.name, **context.arguments}
        formed = context.services.form("CreateEndpointConfig", request)
        tags = formed.pop("Tags", ())
        arn = _endpoints(context.services).configs.create(context.account, context.region, formed, tags)
        return Progress("Succeeded", metadata={"EndpointConfig": {"Arn": arn}}, resource=arn)

    def launch(self, context: StepContext) -> None:
        """Nothing takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The configuration's Describe answer."""
        return _endpoints(services).configs.describe(run.resource)

    def stop(self, run: StepRun, services: Services) -> None:
        """Nothing runs."""


class EndpointStep:
    """Calls CreateEndpoint or UpdateEndpoint."""

    def check(self, step: StepSpec) -> None:
        """It has a configuration."""
        require(step, "EndpointConfigName")

    def begin(self, context: StepContext) -> Progress:
        """Write the endpoint."""
        request = {"EndpointName": context.name, **context.arguments}
        formed = context.services.form("CreateEndpoint", request)
        tags = formed.pop("Tags", ())
        step = StepRef(context.execution.arn, context.step.name)
        endpoints = _endpoints(context.services)
        made = endpoints.write(context.account, context.region, formed, tags=tags, step=step)
        return Progress("Executing", metadata={"Endpoint": {"Arn": made.arn}}, resource=made.arn)

    def launch(self, context: StepContext) -> None:
        """Start the containers."""
        run = context.run_of(context.step.name)
        if run is not None:
            _endpoints(context.services).begin(run.resource)

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The endpoint's Describe answer."""
        return _endpoints(services).describe(run.resource)

    def stop(self, run: StepRun, services: Services) -> None:
        """A deployment goes on."""

    def resume(self, run: StepRun, services: Services, ended: Callable[[Progress], None]) -> None:
        """Report an end that came before the restart; a deployment under way is taken up by itself."""
        try:
            endpoint = _endpoints(services).get(run.resource)
        except DomainError as error:
            ended(Progress("Failed", reason=f"ClientError: {error.message}"))
            return
        if endpoint.status in _SETTLED:
            ended(_progress_of(endpoint, stopping=run.status == "Stopping"))


def reporter(
    executions: ExecutionStore, report: Callable[[str, str, Progress], None]
) -> Callable[[Endpoint], None]:
    """What tells the engine of endpoints that have settled, where a step deployed them."""

    def told(endpoint: Endpoint) -> None:
        if endpoint.step_of is None or endpoint.status not in _SETTLED:
            return
        run = executions.step(endpoint.step_of.execution_arn, endpoint.step_of.step)
        if run is not None and run.resource == endpoint.arn:
            report(run.execution_arn, run.name, _progress_of(endpoint, stopping=run.status == "Stopping"))

    return told


def _progress_of(endpoint: Endpoint, *, stopping: bool) -> Progress:
    if endpoint.failure_reason is not None:
        return Progress("Failed", reason=f"ClientError: {endpoint.failure_reason}")
    return Progress("Stopped" if stopping else "Succeeded")


def _endpoints(services: Services) -> Endpoints:
    if services.endpoints is None:
        raise AssertionError("endpoint steps run where endpoints are served")
    return services.endpoints

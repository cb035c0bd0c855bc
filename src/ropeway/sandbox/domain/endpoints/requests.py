"""From an endpoint configuration to a deployment; what the sandbox does not serve is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ropeway.sandbox.domain.endpoints.model import Deployment, Endpoint, Variant
from ropeway.sandbox.domain.errors import Invalid, NotThere
from ropeway.sandbox.domain.jobs.model import Container

__all__ = ["Sources", "deployment_of", "missing", "retained", "reweighted", "settled"]


@dataclass(frozen=True)
class Sources:
    """Models of one account and region, by their names.

    Attributes:
        containers: a model's containers.
        model: its description, API-shaped.
    """

    containers: Callable[[str], tuple[Container, ...]]
    model: Callable[[str], Mapping[str, Any]]


_WITHOUT = {
    "AsyncInferenceConfig": "asynchronous inference",
    "ExplainerConfig": "online explanations",
    "ShadowProductionVariants": "shadow variants",
}
_VARIANT_WITHOUT = {"ServerlessConfig": "serverless variants", "CoreDumpConfig": "core dumps"}


def missing(arn: str) -> Invalid:
    """What AWS says about an endpoint that is not there."""
    return Invalid(f'Could not find endpoint "{arn}".')


def deployment_of(
    name: str, config: Mapping[str, Any], sources: Sources, *, unique: str, begun: float
) -> Deployment:
    """The deployment that an endpoint configuration asks for.

    Args:
        name: the configuration's.
        config: the configuration, API-shaped.
        sources: the models.
        unique: the deployment's id.
        begun: epoch seconds.

    Raises:
        DomainError: the configuration has what the sandbox does not serve, or a model is not there.
    """
    for member, told in _WITHOUT.items():
        if config.get(member):
            raise _refused(name, member, told)
    capture = config.get("DataCaptureConfig", {})
    variants = tuple(_variant(name, each, sources) for each in config["ProductionVariants"])
    return Deployment(unique, name, begun, variants, capture)


def _variant(name: str, given: Mapping[str, Any], sources: Sources) -> Variant:
    for member, told in _VARIANT_WITHOUT.items():
        if given.get(member):
            raise _refused(name, member, told)
    if "ModelName" not in given:
        raise _refused(name, "a variant without ModelName", "inference components")
    _check_model(given["ModelName"], sources.model(given["ModelName"]))
    return Variant(
        name=given["VariantName"],
        model=given["ModelName"],
        containers=sources.containers(given["ModelName"]),
        weight=float(given.get("InitialVariantWeight", 1.0)),
        count=int(given.get("InitialInstanceCount", 1)),
        instance_type=given.get("InstanceType", ""),
        startup=float(given.get("ContainerStartupHealthCheckTimeoutInSeconds", 480)),
    )


def _check_model(name: str, model: Mapping[str, Any]) -> None:
    containers = [model.get("PrimaryContainer", {}), *model.get("Containers", ())]
    if any(container.get("Mode") == "MultiModel" for container in containers):
        raise NotThere(
            f"The sandbox does not serve the model {name!r}: it has no multi-model containers (Mode)."
        )
    if model.get("InferenceExecutionConfig", {}).get("Mode") == "Direct":
        raise NotThere(
            f"The sandbox does not serve the model {name!r}: containers are not invoked one by one "
            "(InferenceExecutionConfig)."
        )


def retained(new: Deployment, old: Deployment, excluded: Sequence[str]) -> Deployment:
    """RetainAllVariantProperties: weights, counts and capture of what served before, but for those excluded."""
    before = {variant.name: variant for variant in old.variants}
    variants = []
    for variant in new.variants:
        found = before.get(variant.name)
        if found is not None and "DesiredWeight" not in excluded:
            variant = replace(variant, weight=found.weight)
        if found is not None and "DesiredInstanceCount" not in excluded:
            variant = replace(variant, count=found.count)
        variants.append(variant)
    capture = new.capture if "DataCaptureConfig" in excluded else old.capture
    return replace(new, variants=tuple(variants), capture=capture)


def reweighted(endpoint: Endpoint, wanted: Sequence[Mapping[str, Any]]) -> Deployment:
    """What serves, with other weights and counts.

    Raises:
        Invalid: a variant is not there, is named twice, or its count is none.
    """
    serving = endpoint.serving
    assert serving is not None  # an endpoint in service has one
    changes = {each["VariantName"]: each for each in wanted}
    known = {variant.name for variant in serving.variants}
    if len(changes) < len(wanted):
        raise Invalid("Variant names must be unique.")
    for name, change in changes.items():
        if name not in known:
            raise Invalid(f'Could not find variant "{name}" of endpoint "{endpoint.arn}".')
        if change.get("DesiredInstanceCount") == 0:
            raise Invalid(f'The DesiredInstanceCount of variant "{name}" must be at least 1.')
    return replace(
        serving,
        variants=tuple(
            replace(
                variant,
                weight=float(changes.get(variant.name, {}).get("DesiredWeight", variant.weight)),
                count=int(changes.get(variant.name, {}).get("DesiredInstanceCount", variant.count)),
            )
            for variant in serving.variants
        ),
    )


def settled(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose pending deployment serves alone."""
    return replace(endpoint, serving=endpoint.pending, pending=None, share=0.0, step=0, failure_reason=None)


def _refused(name: str, member: str, told: str) -> NotThere:
    return NotThere(
        f"The sandbox does not serve the endpoint configuration {name!r}: it has no {told} ({member})."
    )

"""Who answers a request: a deployment by the share that has shifted, a variant of it by weight, or the one named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ropeway.sandbox.domain.endpoints.model import Deployment, Endpoint, Variant

__all__ = ["choose"]

Chance = Callable[[], float]


def choose(endpoint: Endpoint, target: str | None, chance: Chance) -> tuple[Deployment, Variant] | None:
    """The deployment and variant for a request; None when there is none.

    Args:
        endpoint: that is asked.
        target: the variant that the caller names.
        chance: gives a number from 0 to below 1.
    """
    deployment = endpoint.serving
    if endpoint.pending is not None and endpoint.share > 0 and chance() < endpoint.share:
        deployment = endpoint.pending
    if deployment is None:
        return None
    if target is not None:
        named = next((variant for variant in deployment.variants if variant.name == target), None)
        return None if named is None else (deployment, named)
    picked = _weighted(deployment.variants, chance)
    return None if picked is None else (deployment, picked)


def _weighted(variants: Sequence[Variant], chance: Chance) -> Variant | None:
    able = [variant for variant in variants if variant.weight > 0]
    if len(able) < 2:
        return able[0] if able else None
    point = chance() * sum(variant.weight for variant in able)
    for variant in able:
        point -= variant.weight
        if point < 0:
            return variant
    return able[-1]

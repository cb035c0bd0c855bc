"""What happens by itself as the stacks' variables: pipelines by their ARNs, repositories by their whole paths.

Each function takes what the configuration says and gives what the variable of its name is; empty where nothing is said.
Templates of products are told by where ``ropeway infra`` puts them, beside the stack's modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ropeway.config.automation import Approvals
from ropeway.config.model import Site
from ropeway.config.part import Part
from ropeway.config.regions import known_regions
from ropeway.values.arn import Arn

__all__ = ["deliveries", "events", "products", "quotas", "rules", "templates"]

# From the folder of the stack, in which Terraform works.
_FROM_STACK = "../../"


def events(site: Site) -> dict[str, Any]:
    """Schedules, failures and drift; those that the file has."""
    said = site.events
    found = {
        "schedules": {word: _started(site, schedule) for word, schedule in said.schedules.items()},
        "failures": {
            word: {"pipeline_arn": _arn(site, failure.pipeline), "statuses": list(failure.statuses)}
            for word, failure in said.failures.items()
        },
        "drift": {
            word: {
                "pipeline_arn": _arn(site, drift.pipeline),
                "steps": list(drift.steps),
                "retrain_arn": _arn(site, drift.retrain),
                "parameters": dict(drift.parameters),
            }
            for word, drift in said.drift.items()
        },
    }
    return {name: value for name, value in found.items() if value}


def _started(site: Site, schedule: Any) -> dict[str, Any]:
    return {"pipeline_arn": _arn(site, schedule.pipeline), **_given(schedule, "pipeline")}


def _arn(site: Site, pipeline: str) -> str:
    partition = known_regions().get(site.region, "aws")
    return str(Arn("sagemaker", site.region, site.account, f"pipeline/{pipeline}", partition))


def deliveries(site: Site) -> dict[str, Any]:
    """What approved versions start."""
    organization = site.platform.forge.organization
    return {
        word: {
            "group": delivery.group,
            "repository": delivery.repository
            if "/" in delivery.repository
            else f"{organization}/{delivery.repository}",
            "workflow": delivery.workflow,
            "ref": delivery.ref,
        }
        for word, delivery in site.deliveries.items()
    }


def rules(approvals: Approvals) -> dict[str, Any]:
    """Versions that are approved by their metrics."""
    return {
        word: {
            "group": approval.group,
            "metrics": {metric: _given(bounds) for metric, bounds in approval.metrics.items()},
        }
        for word, approval in approvals.items()
    }


def quotas(site: Site) -> dict[str, Any]:
    """Quotas to ask for; of several sites of an account the first asks, since AWS takes one request at a time."""
    asked: set[tuple[str, str]] = set()
    for other in site.platform.sites():
        if other.path == site.path:
            break
        if (other.account, other.region) == (site.account, site.region):
            asked |= {(quota.service, quota.code) for quota in other.quotas.values()}
    return {
        word: _given(quota) for word, quota in site.quotas.items() if (quota.service, quota.code) not in asked
    }


def products(site: Site) -> dict[str, Any]:
    """Templates of projects."""
    return {
        word: {
            "title": product.title,
            "description": product.description,
            "current": product.current,
            "versions": {version: f"{_FROM_STACK}{_place(word, version)}" for version in product.versions},
        }
        for word, product in site.unit.products.items()
    }


def templates(site: Site) -> Iterator[tuple[str, str]]:
    """Each template of a site: where it is put, beside stacks and modules, and the file that it is."""
    if site.names.first and not site.is_operations:
        for word, product in site.unit.products.items():
            for version, file in product.versions.items():
                yield _place(word, version), file


def _place(word: str, version: str) -> str:
    return f"products/{word}/{version}.yaml"


def _given(part: Part, *without: str) -> dict[str, Any]:
    """The keys that were written or have a default."""
    return {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in part
        if value is not None and key not in without
    }

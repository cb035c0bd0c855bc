"""What one root module is given: the variables of ``terraform/stacks``, from the configuration alone.

``tfvars(platform, "retail", "dev")`` is what goes into ``ropeway.auto.tfvars.json`` beside the stack ``environment``;
of ``operations`` it is for the stack of that name. Nothing is looked up: what another account holds is told by its
derived name, so stacks depend on each other by order only, and a plan needs one account's credentials.

Parameters are told by the name that they have in SSM. What the configuration knows of their values is told, too;
the rest is the stack's to fill in, by the parameter's key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ropeway.config.automation_vars import deliveries, events, products, quotas, rules
from ropeway.config.environments import Network
from ropeway.config.identity import issuer, signs_in_by_token, subject
from ropeway.config.model import Platform, Site
from ropeway.config.names import OPERATIONS, PARAMETERS, PERSONAS, S1_ACCOUNTS, TEMPLATES
from ropeway.config.retraining_vars import groups, loops, waiting, writers

__all__ = ["stack", "tfvars"]

_ABOUT = {parameter.key: parameter for parameter in PARAMETERS}


def stack(environment: str) -> str:
    """The folder below ``terraform/stacks`` for an environment: ``operations`` or ``environment``."""
    return OPERATIONS if environment == OPERATIONS else "environment"


def tfvars(platform: Platform, unit: str, environment: str) -> dict[str, Any]:
    """The variables of one root module, ready for JSON.

    Args:
        platform: the description.
        unit: a unit's name.
        environment: an environment's name, or ``operations``.

    Returns:
        Every variable of the stack that has no default, and those that the configuration says something of. What it
        does not say is left out, so that the stack's default counts.

    Raises:
        KeyError: there is no such unit or environment.
    """
    site = platform.site(unit, environment)
    return _common(site) if site.is_operations else {**_common(site), **_environment(site)}


def _common(site: Site) -> dict[str, Any]:
    place = site.place
    given: dict[str, Any] = {
        "account": site.account,
        "region": site.region,
        "prefix": site.names.prefix,
        "names": site.names.table(),
        "parameters": _parameters(site),
        "own_keys": {purpose: arn for purpose, arn in place.keys if arn},
        "emails": list(site.unit.emails),
        "tags": site.tags,
        "environments": [
            {"name": name, "account": site.platform.site(site.unit_name, name).account}
            for name in site.unit.environments
        ],
    }
    if site.monthly_budget is not None:
        given["monthly_budget"] = site.monthly_budget
    if asked := quotas(site):
        given["quotas"] = asked
    if site.is_operations:
        told = (("model_groups", groups(site)), ("waiting", waiting(site)), ("writers", writers(site)))
        given |= {name: value for name, value in told if value}
    return given


def _environment(site: Site) -> dict[str, Any]:
    operations = site.platform.site(site.unit_name, OPERATIONS)
    forge = site.platform.forge
    given: dict[str, Any] = {
        "permissions_boundary": site.place.permissions_boundary or site.names.name("policy", "boundary"),
        "first": site.names.first,
        "operations": {
            "account": operations.account,
            "region": operations.region,
            "names": operations.names.table(),
            **({"artifacts_key": key} if (key := operations.place.keys.artifacts) else {}),
        },
        "parameter_path": site.names.path,
        "resource_names": [f"{site.names.prefix}-*" if site.platform.shared_accounts else "*"],
        "network": _network(site.network),
        "forge": {
            "kind": forge.kind,
            "organization": forge.organization,
            "repository": forge.repository,
            **({"host": forge.host} if forge.host else {}),
        },
    }
    if signs_in_by_token(site.platform):
        issued_by, audience = issuer(forge)
        repository = f"{forge.organization}/{forge.repository}"
        given["ci"] = {
            "issuer": issued_by,
            "audience": audience,
            "subjects": [subject(forge, repository, site.names.deployment)],
        }
    if site.network.interface_endpoints is not None:
        given["interface_endpoints"] = list(site.network.interface_endpoints)
    given |= {
        name: value
        for name, value in (
            ("events", events(site)),
            ("deliveries", deliveries(site)),
            ("approval_rules", rules(site.approval_rules)),
            ("products", products(site) if site.names.first else {}),
            ("retraining", loops(site)),
        )
        if value
    }
    if site.names.first and _shows_projects_already(site):
        given["sagemaker_projects"] = False
    if site.names.first:
        given["users"] = {persona: list(getattr(site.unit.users, persona)) for persona in PERSONAS}
    return given


def _shows_projects_already(site: Site) -> bool:
    """Whether another unit's first environment, before this one, is in the same account and region."""
    for name, unit in site.platform.units.items():
        if name == site.unit_name:
            return False
        first = site.platform.site(name, unit.first)
        if (first.account, first.region) == (site.account, site.region):
            return True
    return False


def _network(network: Network) -> dict[str, Any]:
    """The keys that were written."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in network
        if value is not None and key != "interface_endpoints"
    }


def _parameters(site: Site) -> dict[str, dict[str, Any]]:
    """Every parameter by its name in SSM: its key, what it holds, and its value where that is known."""
    values = dict(_values(site))
    named = [(path, key) for key, path in site.names.parameters().items()]
    if site.platform.compatibility == "s1":
        named += [(name, key) for key, name in site.names.s1_parameters().items()]
    return {name: _parameter(key, values.get(key)) for name, key in named if key in _ABOUT or values.get(key)}


def _parameter(key: str, value: str | None) -> dict[str, Any]:
    known = _ABOUT.get(key)
    told: dict[str, Any] = {
        "key": key,
        "about": known.about if known else f"number of the account of {key.rpartition('/')[2]}",
        "many": bool(known and known.many),
    }
    return told if value is None else {**told, "value": value}


def _values(site: Site) -> Iterator[tuple[str, str]]:
    """What the configuration knows, by key."""
    operations = site.platform.site(site.unit_name, OPERATIONS)
    accounts = {name: site.platform.site(site.unit_name, name).account for name in site.unit.environments}
    yield "accounts/operations", operations.account
    yield "accounts/environments", ",".join(accounts.values())
    yield "registry/account", operations.account
    yield "registry/bucket", operations.names.name("bucket", "registry")
    yield "forge/organization", site.platform.forge.organization
    for word, repository in TEMPLATES.items():
        yield f"templates/{word}", repository
    for key in S1_ACCOUNTS:
        stage = key.rpartition("/")[2]
        if stage in accounts:
            yield key, accounts[stage]

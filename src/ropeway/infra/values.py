"""What the stacks are told: the values of their variables and the arguments of their backend, from ``ropeway.yaml``."""

from __future__ import annotations

from typing import Any

from ropeway.config.model import Site
from ropeway.config.names import OPERATIONS, PARAMETERS, S1_ACCOUNTS
from ropeway.infra.roots import Root

__all__ = ["STATE_KEY", "backend", "values"]

STATE_KEY = "platform/terraform.tfstate"
_LISTS = {"network/private-subnet-ids", "accounts/environments"}


def backend(root: Root, *, partition: str = "aws", sandbox: bool = False) -> dict[str, Any]:
    """The S3 backend in the bucket that bootstrap made, encrypted by its key, locked in S3.

    Args:
        root: whose state.
        partition: of the region.
        sandbox: leave out what only AWS answers.
    """
    site, names = root.site, root.site.names
    alias = names.name("key_alias", "state")
    found: dict[str, Any] = {
        "bucket": names.name("bucket", "tfstate"),
        "key": STATE_KEY,
        "region": site.region,
        "encrypt": True,
        "kms_key_id": f"arn:{partition}:kms:{site.region}:{site.account}:{alias}",
        "use_lockfile": True,
    }
    if site.platform.terraform.lock_table:
        found["dynamodb_table"] = names.name("table", "tflock")
    if sandbox:
        found |= {"use_path_style": True, "skip_metadata_api_check": True, "skip_region_validation": True}
    return found


def values(root: Root) -> dict[str, Any]:
    """The values of every variable that the configuration knows."""
    site = root.site
    found: dict[str, Any] = {
        "account": site.account,
        "region": site.region,
        "prefix": site.names.prefix,
        "names": site.names.table(),
        "parameters": _parameters(site),
        "permissions_boundary": site.place.permissions_boundary or site.names.name("policy", "boundary"),
        "own_keys": site.place.keys.model_dump(exclude_none=True),
        "environments": _environments(site),
        "emails": sorted(site.unit.emails),
        "monthly_budget": site.place.monthly_budget,
        "tags": site.tags,
    }
    if not site.is_operations:
        found |= _of_environment(site)
    return found


def _of_environment(site: Site) -> dict[str, Any]:
    operations, forge = site.platform.site(site.unit_name, OPERATIONS), site.platform.forge
    return {
        "first": site.environment_name == site.unit.first,
        "operations": {
            "account": operations.account,
            "region": operations.region,
            "names": operations.names.table(),
        },
        "network": site.network.model_dump(mode="json", exclude_none=True),
        "forge": forge.model_dump(include={"kind", "organization", "repository", "host"}),
        "users": {name: sorted(people) for name, people in site.unit.users.model_dump().items()},
    }


def _environments(site: Site) -> list[dict[str, str]]:
    return [{"name": name, "account": each.account} for name, each in site.unit.environments.items()]


def _parameters(site: Site) -> dict[str, dict[str, Any]]:
    """The parameters to publish, by name: ours, and those of the same value that S1-made code reads."""
    names = {path: key for key, path in site.names.parameters().items()}
    if site.platform.compatibility == "s1":
        names |= {path: key for key, path in site.names.s1_parameters().items()}
    about, known = {each.key: each.about for each in PARAMETERS}, _known(site)
    return {
        path: {
            "key": key,
            "about": about.get(key, "number of an account"),
            "many": key in _LISTS,
            "value": known.get(key),
        }
        for path, key in names.items()
        if key not in S1_ACCOUNTS or key in known
    }


def _known(site: Site) -> dict[str, str]:
    """The values that the configuration itself has."""
    operations = site.unit.operations.account
    accounts = {f"accounts/{name}": each.account for name, each in site.unit.environments.items()}
    return accounts | {
        "accounts/operations": operations,
        "accounts/environments": ",".join(each["account"] for each in _environments(site)),
        "registry/account": operations,
        "forge/organization": site.platform.forge.organization,
    }

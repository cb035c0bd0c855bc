"""Where a root's state is: the arguments of its S3 backend, from ``ropeway.yaml``."""

from __future__ import annotations

from typing import Any

from ropeway.infra.roots import Root

__all__ = ["STATE_KEY", "backend"]

STATE_KEY = "platform/terraform.tfstate"


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

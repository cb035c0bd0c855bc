"""Which Terraform runs, and where its providers come from.

The binary is what ``ROPEWAY_TERRAFORM`` names, else ``terraform``, else ``tofu`` on ``PATH``. Providers come from a
filesystem mirror where there is one: the folder that ``ROPEWAY_TERRAFORM_MIRROR`` names, a folder that Terraform
itself would look into, or a folder right under ``/opt``. A mirror is a folder that holds ``registry.terraform.io``.
Without one Terraform downloads them from its registry. Terraform reads this from a file, which Ropeway writes beside
its state and names by ``TF_CLI_CONFIG_FILE``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from ropeway.errors import RopewayError

__all__ = ["acting", "environment", "find_binary", "find_mirror"]

# Of the caller's AWS settings only those that say how to reach AWS: who acts, and where, is Ropeway's to say.
_KEPT = {"AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"}
_MISLEADING = ("AWS_", "TF_VAR_", "TF_CLI_ARGS")
_OWN = {"TF_DATA_DIR", "TF_WORKSPACE", "TF_REATTACH_PROVIDERS"}
_REGISTRY = "registry.terraform.io"
_IMPLIED = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)


def find_binary(environ: Mapping[str, str]) -> str:
    """The Terraform or OpenTofu to run.

    Args:
        environ: ``ROPEWAY_TERRAFORM`` and ``PATH`` count.

    Raises:
        RopewayError: there is none.
    """
    wanted = environ.get("ROPEWAY_TERRAFORM")
    for name in [wanted] if wanted else ["terraform", "tofu"]:
        found = shutil.which(name, path=environ.get("PATH", os.defpath))
        if found:
            return found
    raise RopewayError(
        f"ROPEWAY_TERRAFORM is {wanted!r}, which is no program"
        if wanted
        else "there is no Terraform on PATH",
        hint="install Terraform 1.10 or newer, or OpenTofu; ROPEWAY_TERRAFORM may name the program",
    )


def find_mirror(environ: Mapping[str, str], *, roots: Iterable[Path] | None = None) -> Path | None:
    """The folder of a provider mirror, or None.

    Args:
        environ: ``ROPEWAY_TERRAFORM_MIRROR`` counts.
        roots: further folders to look at; by default those of Terraform and those right under ``/opt``.

    Raises:
        RopewayError: the folder that ``ROPEWAY_TERRAFORM_MIRROR`` names is no mirror.
    """
    named = environ.get("ROPEWAY_TERRAFORM_MIRROR")
    if named:
        if not (Path(named) / _REGISTRY).is_dir():
            raise RopewayError(
                f"ROPEWAY_TERRAFORM_MIRROR is {named!r}, which holds no {_REGISTRY}",
                hint="name the folder that holds it, or unset the variable",
            )
        return Path(named)
    folders = _usual_roots() if roots is None else roots
    return next((folder for folder in folders if (folder / _REGISTRY).is_dir()), None)


def environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What Terraform gets of an environment, with a configuration file written into a folder.

    Args:
        environ: the caller's; its own ``TF_CLI_CONFIG_FILE`` counts when the file is there.
        folder: where the file and the plugin cache go; made when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    result = {**environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    own = environ.get("TF_CLI_CONFIG_FILE")
    if own and Path(own).is_file():
        return result
    mirror = find_mirror(environ)
    file = folder / "terraform.rc"
    file.write_text(_configuration(mirror, folder / "plugins"), encoding="utf-8")
    result["TF_CLI_CONFIG_FILE"] = str(file)
    return result


def acting(environ: Mapping[str, str], keys: Mapping[str, str], *, sandbox: bool) -> dict[str, str]:
    """The environment of a Terraform that acts with certain credentials, and with nothing else of the caller's.

    Args:
        environ: what ``environment`` gave.
        keys: credentials, region and endpoint, as variables.
        sandbox: whether the endpoint is a sandbox: nothing of AWS's own is asked then, and little tried again.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _OWN and (not name.startswith(_MISLEADING) or (name in _KEPT and not sandbox))
    }
    result = {**kept, **keys}
    if sandbox:
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        result |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "4", **nothing}
    return result


def _usual_roots() -> list[Path]:
    implied = [Path(name).expanduser() for name in _IMPLIED]
    optional = Path("/opt")
    beside = sorted(entry for entry in optional.iterdir() if entry.is_dir()) if optional.is_dir() else []
    return [*implied, *beside]


def _configuration(mirror: Path | None, cache: Path) -> str:
    if mirror is None:  # one download for all root modules
        cache.mkdir(exist_ok=True)
        return f'plugin_cache_dir = "{cache}"\n'
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{_REGISTRY}/*/*"]
  }}
}}
"""

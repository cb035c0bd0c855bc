"""The environment in which programs written for AWS use the sandbox, the SageMaker SDK's included.

Variables do most of it. The rest is in a settings file for the SDK, which this writes into a folder of Ropeway's, and
in ``containers/client``, a folder that goes first on ``PYTHONPATH``. The user's files stay as they are: settings that
an administrator made are merged into ours and win, but for telemetry, which is off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ropeway import containers
from ropeway.errors import UsageError

__all__ = ["client_environment"]

_CODE = Path(containers.__file__).parent / "client"
_ADMIN = "SAGEMAKER_ADMIN_CONFIG_OVERRIDE"
# The image of functions with @step. Code in `containers/client` puts the interpreter that imports the SDK in its place.
_PLACEHOLDER = "ropeway.local/python"
_LOCAL = ("127.0.0.1", "localhost")


def client_environment(
    session: Mapping[str, str], endpoint: str, inherited: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """The variables.

    Args:
        session: those that give a caller's keys, region and endpoint.
        endpoint: the sandbox's address.
        inherited: the environment that they are added to.
        folder: where the SDK's settings are written.

    Raises:
        UsageError: the administrator's settings are not readable.
    """
    settings = _write_settings(folder, inherited)
    exempt = [part for part in inherited.get("NO_PROXY", "").split(",") if part]
    exempt += [host for host in _LOCAL if host not in exempt]
    path = [part for part in inherited.get("PYTHONPATH", "").split(os.pathsep) if part and part != str(_CODE)]
    return {
        **session,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(exempt),
        "PYTHONPATH": os.pathsep.join([str(_CODE), *path]),
        "ROPEWAY_SANDBOX_URL": endpoint,
        "ROPEWAY_SDK_CONFIG": settings,
        _ADMIN: settings,
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        # Version 3 of the SDK would refuse the caller's own role, which SageMaker may not assume.
        "SAGEMAKER_VALIDATE_ROLE": "false",
    }


def _write_settings(folder: Path, inherited: Mapping[str, str]) -> str:
    ours = {
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": {"RemoteFunction": {"ImageUri": _PLACEHOLDER}}}},
    }
    merged = _merge(ours, _administrators(folder, inherited))
    merged["SageMaker"]["PythonSDK"]["Modules"]["TelemetryOptOut"] = True
    text = yaml.safe_dump(merged, sort_keys=True)
    path = folder / "config.yaml"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"config.yaml.{os.getpid()}"
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    return str(path)


def _administrators(folder: Path, inherited: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the SDK would use without ours; those of an earlier call of this do not count."""
    named = inherited.get(_ADMIN, "")
    if named.startswith("s3://"):
        raise UsageError(
            f"{_ADMIN} names {named}, which would be looked for on the sandbox",
            hint="name a local copy of that file",
        )
    if named and Path(named).resolve().parent != folder.resolve():
        path = Path(named) / "config.yaml" if Path(named).is_dir() else Path(named)
    else:
        base = inherited.get("XDG_CONFIG_DIRS", "").split(os.pathsep)[0] or "/etc/xdg"
        path = Path(base) / "sagemaker" / "config.yaml"
        if not path.is_file():
            return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(
            f"the SageMaker SDK's settings {path} cannot be read: {error}", hint=f"see {_ADMIN}"
        ) from error
    return content if isinstance(content, dict) else {}


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged

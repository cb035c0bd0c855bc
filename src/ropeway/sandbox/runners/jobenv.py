"""The environment of a job's processes: what a container of SageMaker would have, and nothing of the server's.

From the server's environment only what describes the machine comes through (locale, proxies, certificates, pip's
index); no ``AWS_*``, no ``VIRTUAL_ENV``, no ``PYTHON*``. The runtime's interpreter is first on ``PATH``. pip inside a
job installs into a folder of that job (``PIP_TARGET``, which is also on ``PYTHONPATH``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["base_environment"]

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_KEPT = frozenset(("HOME", "LANG", "LANGUAGE", "LOGNAME", "TMPDIR", "TZ", "USER", *_PROXIES, *_CERTIFICATES))
_KEPT_PREFIXES = ("LC_", "PIP_")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LOCAL = "localhost,127.0.0.1,::1"


def base_environment(
    server: Mapping[str, str],
    *,
    python: Path,
    region: str,
    endpoint: str,
    credentials: Mapping[str, str],
    workspace: Path,
) -> dict[str, str]:
    """The variables that every process of a job has.

    Args:
        server: the server's own environment.
        python: the interpreter that ``python`` and ``python3`` mean.
        region: the job's region.
        endpoint: the sandbox's address.
        credentials: the variables of the job's role.
        workspace: the job's own folder on the host.
    """
    env = {name: value for name, value in server.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    packages = str(workspace / "packages")
    env |= {
        "PATH": os.pathsep.join([str(python.parent), server.get("PATH", ""), _SYSTEM_PATH]),
        "PYTHONPATH": packages,
        "PIP_TARGET": packages,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",
        # OpenMP's threads spin while they wait, which starves other jobs of the machine.
        "OMP_WAIT_POLICY": "PASSIVE",
        "OMP_NUM_THREADS": str(os.cpu_count() or 1),
        "NO_PROXY": ",".join(filter(None, [server.get("NO_PROXY", server.get("no_proxy", "")), _LOCAL])),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        # Neither the user's profiles nor the machine's own role.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    env["no_proxy"] = env["NO_PROXY"]
    return env | dict(credentials)

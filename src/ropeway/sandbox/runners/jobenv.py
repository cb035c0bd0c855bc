"""The environment of a job's processes: what a container of SageMaker would have, and nothing of the server's.

From the server's environment only what describes the machine comes through (locale, proxies, certificates, pip's
index); no ``AWS_*``, no ``VIRTUAL_ENV``, no ``PYTHON*``. The job's own Python (see ``overlay``) is first on ``PATH``,
then come the programs of the interpreter below it, which see the packages that the job installs by ``PYTHONPATH``. As
the SageMaker SDK is used inside jobs, too, it is led to the sandbox there as it is outside (see ``containers/client``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.runners.overlay import Overlay
from ropeway.values.clock import Clock

__all__ = ["RoleKeys", "base_environment"]

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_KEPT = frozenset(("HOME", "LANG", "LANGUAGE", "LOGNAME", "TMPDIR", "TZ", "USER", *_PROXIES, *_CERTIFICATES))
_KEPT_PREFIXES = ("LC_", "PIP_")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SESSION_SECONDS = 7 * 86400
_REUSED_SECONDS = 86400
_CLIENT = Path(__file__).parents[2] / "containers" / "client"
_LOCAL = "localhost,127.0.0.1,::1"


class RoleKeys:
    """Keys of roles, as variables. Jobs of one role share a session, which outlives the longest job (five days)."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, str]]] = {}

    def __call__(self, role_arn: str) -> dict[str, str]:
        """The variables for a role.

        Raises:
            Invalid: the ARN is not a role's.
        """
        with self._lock:
            until, keys = self._kept.get(role_arn, (0.0, {}))
            now = self._clock.now()
            if now >= until:
                session = self._sessions.assume(role_arn, "SageMaker", _SESSION_SECONDS)
                keys = {
                    "AWS_ACCESS_KEY_ID": session.access_key,
                    "AWS_SECRET_ACCESS_KEY": session.secret_key,
                    "AWS_SESSION_TOKEN": session.token,
                }
                self._kept[role_arn] = (now + _REUSED_SECONDS, keys)
        return dict(keys)


def base_environment(
    server: Mapping[str, str],
    *,
    overlay: Overlay,
    region: str,
    endpoint: str,
    credentials: Mapping[str, str],
    cache: Path,
) -> dict[str, str]:
    """The variables that every process of a job has.

    Args:
        server: the server's own environment.
        overlay: the Python that ``python`` and ``python3`` mean.
        region: the job's region.
        endpoint: the sandbox's address.
        credentials: the variables of the job's role.
        cache: a folder that lasts from job to job; downloads of pip in functions with ``@step`` go there.
    """
    env = {name: value for name, value in server.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    programs = [str(overlay.python.parent), str(overlay.below.parent), server.get("PATH", ""), _SYSTEM_PATH]
    env |= {
        "PATH": os.pathsep.join(programs),
        "PYTHONPATH": os.pathsep.join([str(_CLIENT), str(overlay.packages)]),
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
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(_CLIENT / "job.yaml"),
        "SAGEMAKER_MANAGED_WARMPOOL_CACHE_DIRECTORY": str(cache),
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        "SAGEMAKER_VALIDATE_ROLE": "false",
    }
    env["no_proxy"] = env["NO_PROXY"]
    return env | dict(credentials)

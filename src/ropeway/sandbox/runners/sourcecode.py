"""Script mode's code: ``sagemaker_submit_directory`` unpacked to ``/opt/ml/code`` before the process starts.

The training toolkit downloads it inside the container; here the runner does, because ``requirements.txt`` in it
decides the interpreter that the process runs with.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.runners.context import JobError, RunContext
from ropeway.sandbox.runners.inputs import fetch
from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.sandbox.runners.runtimes import Runtime

__all__ = ["is_script_mode", "is_step_function", "place_code", "step_function_requirements", "unpack"]

_CODE = "/opt/ml/code"
_PROGRAM = "sagemaker_program"
_DIRECTORY = "sagemaker_submit_directory"
_DRIVER = "/sagemaker_remote_function_bootstrap/job_driver.sh"
_SDK_VERSION = "--client_sagemaker_pysdk_version"


def is_script_mode(request: Mapping[str, Any]) -> bool:
    """Whether a training job brings a program of its own."""
    return bool(_parameter(request, _PROGRAM))


def place_code(
    job: Job, context: RunContext, folder: JobFolder, runtime: Runtime
) -> tuple[Sequence[str], Path | None]:
    """Put the job's code at ``/opt/ml/code``.

    Returns:
        The lines of its requirements file, and the host folder of the code; nothing without code.

    Raises:
        JobError: the archive is missing or broken.
    """
    code = folder.output(_CODE)
    code.mkdir(parents=True, exist_ok=True)
    address = _parameter(job.request, _DIRECTORY)
    if not is_script_mode(job.request) or not address or runtime.kind == "python":
        return (), None
    if address.startswith("s3://"):
        archive = context.workspace / "sourcedir.tar.gz"
        fetch(job, context, address, archive)
        unpack(archive, code, address)
    else:
        seen = folder.input(address) if address.startswith("/opt/ml/") else None
        if seen is not None and seen.is_dir():
            shutil.copytree(seen, code, dirs_exist_ok=True)
    requirements = code / "requirements.txt"
    lines = requirements.read_text(encoding="utf-8").splitlines() if requirements.exists() else ()
    return lines, code


def is_step_function(request: Mapping[str, Any]) -> bool:
    """Whether a training job runs a function with ``@step``, by the SDK's own program."""
    return bool(request["AlgorithmSpecification"].get("ContainerEntrypoint", [""])[-1].endswith(_DRIVER))


def step_function_requirements(request: Mapping[str, Any], runtime: Runtime) -> Sequence[str]:
    """What an image must have to run a function with ``@step``: the SDK that wrote it.

    The interpreter that wrote it (``ropeway.local/interpreter``) has it.
    """
    algorithm = request["AlgorithmSpecification"]
    if not is_step_function(request) or runtime.name == "interpreter":
        return ()
    arguments = list(algorithm.get("ContainerArguments", ()))
    found = arguments.index(_SDK_VERSION) + 1 if _SDK_VERSION in arguments else len(arguments)
    return [f"sagemaker=={version}" for version in arguments[found : found + 1]]


def unpack(archive: Path, target: Path, name: str) -> None:
    """Unpack a tar archive (compressed or not) below a folder; nothing gets outside.

    Raises:
        JobError: it is no archive, or has entries that point outside.
    """
    try:
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extractall(target, filter="data")
            else:
                _check_names(tar, target)
                tar.extractall(target)  # noqa: S202 - names were checked; this Python has no filter yet
    except (tarfile.TarError, EOFError, OSError) as error:
        raise JobError(f"ClientError: {name} could not be unpacked: {error}") from error
    finally:
        archive.unlink(missing_ok=True)


def _check_names(tar: tarfile.TarFile, target: Path) -> None:
    root = target.resolve()
    for entry in tar.getmembers():
        if not (target / entry.name).resolve().is_relative_to(root) or not (entry.isreg() or entry.isdir()):
            raise tarfile.TarError(f"the entry {entry.name!r} may not be unpacked")


def _parameter(request: Mapping[str, Any], name: str) -> str:
    """A framework hyperparameter; the SDK writes it as JSON, others as plain text."""
    raw = str(request.get("HyperParameters", {}).get(name, ""))
    try:
        value = json.loads(raw)
    except ValueError:
        return raw
    return value if isinstance(value, str) else raw

"""What a serving container holds before it starts: the model, its code, an interpreter, a command, variables.

``model.tar.gz`` is unpacked at ``/opt/ml/model``, nothing of it outside. Script mode's code (SAGEMAKER_PROGRAM) is the
archive of SAGEMAKER_SUBMIT_DIRECTORY when that is in S3, unpacked at ``/opt/ml/code``; else it is in the model's
``code``. A ``requirements.txt`` beside it decides the interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ropeway.sandbox.domain.jobs.model import Container
from ropeway.sandbox.runners.context import JobError, Owner, ProcessContext
from ropeway.sandbox.runners.inputs import Source, fetch, place
from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.sandbox.runners.process import ProcessSpec
from ropeway.sandbox.runners.runtimes import Runtime
from ropeway.sandbox.runners.sourcecode import unpack

__all__ = ["prepare", "process_id", "serve_command"]

_MODEL = "/opt/ml/model"
_CODE = "/opt/ml/code"
_SERVING = "ropeway.containers.serving"


def prepare(
    job: Owner, context: ProcessContext, container: Container, name: str, added: Mapping[str, str]
) -> ProcessSpec:
    """Fill a container's folder.

    Args:
        job: whose container it is; an endpoint's variant, too.
        context: the job's.
        container: image, model and environment.
        name: of the container's folder in the workspace, and of its process.
        added: variables on top of the container's own.

    Raises:
        JobError: model or code are missing or broken, or the image has nothing to serve with.
        UnknownImageError: no runtime stands for the image.
    """
    runtime = context.runtimes.match(container.image)
    folder = context.processes.folder(context.workspace / name)
    _place_model(job, context, folder, container.model_data_url)
    variables = {**container.environment, **added}
    code = _place_code(job, context, folder, variables)
    requirements = code / "requirements.txt"
    lines = requirements.read_text(encoding="utf-8").splitlines() if requirements.is_file() else ()
    python = context.interpreter(runtime, lines, code)
    cwd = context.workspace / f"{name}-cwd"
    cwd.mkdir(exist_ok=True)
    env = {
        **context.environment(job, python),
        **runtime.env,
        **context.credentials(_role(job, container)),
        **variables,
    }
    command = serve_command(runtime, container.image, script_mode="SAGEMAKER_PROGRAM" in variables)
    return ProcessSpec(process_id(job, name), command, env, folder.path, str(cwd), context.log.path)


def process_id(job: Owner, name: str) -> str:
    """What the process of a job's container is called."""
    return job.arn if name == "algo-1" else f"{job.arn}#{name}"


def serve_command(runtime: Runtime, image: str, *, script_mode: bool) -> tuple[str, ...]:
    """What ``serve`` is in a runtime.

    Raises:
        JobError: it has none.
    """
    if runtime.serve:
        return runtime.serve
    if runtime.kind == "python":
        raise JobError(
            f"ClientError: the image {image} has no serve command of its own (runtime {runtime.name!r}); give "
            "`serve` in .ropeway/runtimes.toml"
        )
    program = "script" if runtime.kind == "xgboost" and script_mode else runtime.kind
    return ("python", "-m", f"{_SERVING}.{program}")


def _place_model(job: Owner, context: ProcessContext, folder: JobFolder, url: str | None) -> None:
    model = folder.output(_MODEL)
    model.mkdir(parents=True, exist_ok=True)
    if url is None:
        return
    if url.endswith("/"):  # ModelDataSource without compression
        place(job, context, folder, Source(url, writable=True), _MODEL)
        return
    archive = context.workspace / "model.tar.gz"
    fetch(job, context, url, archive)
    unpack(archive, model, url)


def _place_code(job: Owner, context: ProcessContext, folder: JobFolder, variables: dict[str, str]) -> Path:
    """The host folder of the code; SAGEMAKER_SUBMIT_DIRECTORY then says where the process sees it."""
    address = variables.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if not address.startswith("s3://"):
        return folder.output(address if address.startswith("/opt/ml/") else f"{_MODEL}/code")
    code = folder.output(_CODE)
    code.mkdir(parents=True, exist_ok=True)
    archive = context.workspace / "sourcedir.tar.gz"
    fetch(job, context, address, archive)
    unpack(archive, code, address)
    variables["SAGEMAKER_SUBMIT_DIRECTORY"] = _CODE
    return code


def _role(job: Owner, container: Container) -> str:
    """A container runs as its model's role; a model may have none, then the account's own one stands in."""
    return container.role_arn or f"arn:aws:iam::{job.account}:role/RopewayExecutionRole"

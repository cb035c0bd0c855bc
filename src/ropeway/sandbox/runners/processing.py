"""Runs a processing job: inputs, entrypoint, outputs.

Exit code 0 completes the job, anything else fails it; what is in the output folders is uploaded in every case.
The working directory is the job's own. ``/opt/ml/output/message`` becomes the ExitMessage and
``/opt/ml/output/failure`` part of the FailureReason.

Not here, and refused with a reason: dataset definitions (Athena, Redshift), Feature Store outputs, Pipe mode.
More than one instance runs as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.jobs.model import Job, Outcome
from ropeway.sandbox.runners import configfiles
from ropeway.sandbox.runners.context import Ended, JobError, RunContext, supervise
from ropeway.sandbox.runners.inputs import Source, place
from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.sandbox.runners.outputs import Continuous, upload
from ropeway.sandbox.runners.process import Exit, ProcessSpec, RunningProcess
from ropeway.sandbox.runners.runtimes import Runtime

__all__ = ["run"]

_LIMIT = 1024
_DAY = 86400


def run(job: Job, context: RunContext) -> Outcome:
    """Run the job, or go on with one that an earlier server started.

    Raises:
        JobError: it fails before its process starts.
        Abandoned: the server stops.
    """
    context.reports.progressed(job.arn, "Downloading", "Downloading input data")
    folder = context.processes.folder(context.workspace / configfiles.HOST)
    process = context.adopted or _start(job, context, folder)
    continuous = [
        Continuous(job, context, folder, output["LocalPath"], output["S3Uri"])
        for output in _outputs(job)
        if output.get("S3UploadMode") == "Continuous"
    ]

    def sync() -> None:
        for output in continuous:
            output.sync()

    if isinstance(process, RunningProcess):
        ended = supervise(process, context, seconds=_seconds(job), every=sync if continuous else None)
    else:
        ended = Ended(process)
    for output in _outputs(job):
        upload(job, context, folder, output["LocalPath"], output["S3Uri"])
    return _outcome(job, ended, folder)


def _start(job: Job, context: RunContext, folder: JobFolder) -> RunningProcess:
    application = job.request["AppSpecification"]
    runtime = context.runtimes.match(application["ImageUri"])
    configfiles.write_processing_config(job, folder)
    for entry in job.request.get("ProcessingInputs", ()):
        _place(job, context, folder, entry)
    for output in _outputs(job):
        folder.output(output["LocalPath"]).mkdir(parents=True, exist_ok=True)
    folder.output("/opt/ml/output").mkdir(parents=True, exist_ok=True)
    python = context.interpreter(runtime)
    cwd = context.workspace / "cwd"
    cwd.mkdir(exist_ok=True)
    env = {**context.environment(job, python), **runtime.env, **job.request.get("Environment", {})}
    argv = _command(application, runtime)
    return context.processes.start(ProcessSpec(job.arn, argv, env, folder.path, str(cwd), context.log.path))


def _command(application: Mapping[str, Any], runtime: Runtime) -> Sequence[str]:
    entrypoint = application.get("ContainerEntrypoint") or runtime.process
    if not entrypoint:
        raise JobError(
            f"ClientError: the image {application['ImageUri']} has no processing command of its own (runtime "
            f"{runtime.name!r}); give ContainerEntrypoint"
        )
    return [*entrypoint, *application.get("ContainerArguments", ())]


def _place(job: Job, context: RunContext, folder: JobFolder, entry: Mapping[str, Any]) -> None:
    name = entry["InputName"]
    if entry.get("AppManaged"):
        return
    if "S3Input" not in entry:
        raise JobError(f"ClientError: input {name!r}: the sandbox has no dataset definitions, only S3Input")
    given = entry["S3Input"]
    if given.get("S3InputMode", "File") == "Pipe":
        raise JobError(f"ClientError: input {name!r}: the sandbox has no Pipe mode for processing; use File")
    source = Source(
        given["S3Uri"], given.get("S3DataType", "S3Prefix"), gzip=given.get("S3CompressionType") == "Gzip"
    )
    place(job, context, folder, source, given.get("LocalPath", f"/opt/ml/processing/input/{name}"))


def _outputs(job: Job) -> list[Mapping[str, Any]]:
    outputs = []
    for entry in job.request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        if "FeatureStoreOutput" in entry:
            raise JobError(f"ClientError: output {entry['OutputName']!r}: the sandbox has no Feature Store")
        if not entry.get("AppManaged") and "S3Output" in entry:
            outputs.append(entry["S3Output"])
    return outputs


def _seconds(job: Job) -> float:
    return float(job.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", _DAY))


def _outcome(job: Job, ended: Ended, folder: JobFolder) -> Outcome:
    message = folder.text("/opt/ml/output/message", _LIMIT) or None
    if ended.cause == "stopped":
        return Outcome("Stopped", exit_message=message)
    if ended.cause == "exceeded":
        reason = (
            f"MaxRuntimeExceeded: the job ran longer than MaxRuntimeInSeconds ({int(_seconds(job))} seconds)"
        )
        return Outcome("Stopped", failure_reason=reason, exit_message=message)
    if ended.exit == Exit(0, None):
        return Outcome("Completed", exit_message=message)
    failure = folder.text("/opt/ml/output/failure", _LIMIT)
    return Outcome("Failed", failure_reason=algorithm_error(failure, ended.exit), exit_message=message)


def algorithm_error(failure: str, end: Exit) -> str:
    """The FailureReason of a process that failed by itself; at most as long as the API allows."""
    tail = f", exit code: {end.status}"
    return f"AlgorithmError: {failure[: _LIMIT - len(tail) - 16]}{tail}"

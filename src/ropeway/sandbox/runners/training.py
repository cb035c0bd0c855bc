"""Runs a training job: channels, command, model archive, metrics.

``train`` of the image runs unless the request has an entrypoint. Exit code 0 completes the job: ``/opt/ml/model``
becomes ``<S3OutputPath>/<job>/output/model.tar.gz`` and ``/opt/ml/output/data``, when not empty, ``output.tar.gz``.
So does a job that is stopped or out of time, as it had its grace to save what it has. A failed one leaves no
model; ``/opt/ml/output/failure`` says why. Checkpoints go to S3 while the job runs, and come from there before.

Not here, and refused with a reason: Pipe mode, file systems, augmented manifests, training algorithms by name.
FastFile is File. More than one instance runs as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Job, Outcome
from ropeway.sandbox.runners import configfiles
from ropeway.sandbox.runners.context import Ended, JobError, RunContext, acting, supervise
from ropeway.sandbox.runners.inputs import Source, place
from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.sandbox.runners.metrics import final_metrics, implicit_metrics
from ropeway.sandbox.runners.outputs import Continuous, upload, upload_archive
from ropeway.sandbox.runners.process import Exit, ProcessSpec, RunningProcess
from ropeway.sandbox.runners.processing import algorithm_error
from ropeway.sandbox.runners.runtimes import Runtime, entrypoint_command, pickles_booster
from ropeway.sandbox.runners.sourcecode import (
    is_script_mode,
    is_step_function,
    place_code,
    step_function_requirements,
)
from ropeway.values.s3uri import S3Uri

__all__ = ["run"]

_DAY = 86400
_LIMIT = 1024
_MADE = ("/opt/ml/model", "/opt/ml/output/data", "/opt/ml/output/intermediate", "/opt/ml/input/data")


def run(job: Job, context: RunContext) -> Outcome:
    """Run the job, or go on with one that an earlier server started.

    Raises:
        JobError: it fails before its process starts.
        Abandoned: the server stops.
    """
    folder = context.processes.folder(context.workspace / configfiles.HOST)
    process = context.adopted or _start(job, context, folder)
    context.reports.progressed(
        job.arn, "Training", "Training image download completed. Training in progress."
    )
    checkpoints = _checkpoints(job, context, folder)
    sync = checkpoints.sync if checkpoints else None
    ended = (
        supervise(process, context, seconds=_seconds(job), every=sync)
        if isinstance(process, RunningProcess)
        else Ended(process)
    )
    if sync:
        sync()
    if not ended.cause and ended.exit != Exit(0, None):
        reason = algorithm_error(folder.text("/opt/ml/output/failure", _LIMIT), ended.exit)
        return Outcome("Failed", "Failed", reason, result={"FinalMetricDataList": _metrics(job, context)})
    context.reports.progressed(job.arn, "Uploading", "Uploading generated training model")
    result = {
        "ModelArtifacts": {"S3ModelArtifacts": _upload(job, context, folder)},
        "FinalMetricDataList": _metrics(job, context),
    }
    if ended.cause == "exceeded":
        return Outcome("Stopped", "MaxRuntimeExceeded", result=result)
    status = "Stopped" if ended.cause else "Completed"
    return Outcome(status, status, result=result)


def _start(job: Job, context: RunContext, folder: JobFolder) -> RunningProcess:
    algorithm = job.request["AlgorithmSpecification"]
    if "TrainingImage" not in algorithm:
        raise JobError("ClientError: the sandbox has no algorithms by name; give TrainingImage")
    runtime = context.runtimes.match(algorithm["TrainingImage"])
    context.reports.progressed(job.arn, "Downloading", "Downloading input data")
    configfiles.write_training_config(job, folder)
    for entry in job.request.get("InputDataConfig", ()):
        _place(job, context, folder, entry)
    for seen in _MADE:
        folder.output(seen).mkdir(parents=True, exist_ok=True)
    _place_checkpoints(job, context, folder)
    requirements, source = place_code(job, context, folder, runtime)
    entrypoint, packages = entrypoint_command(algorithm.get("ContainerEntrypoint", ()))
    needed = [*requirements, *step_function_requirements(job.request, runtime), *packages]
    python = context.interpreter(runtime, needed, source)
    cwd = context.workspace / "cwd"
    cwd.mkdir(exist_ok=True)
    env = {
        **context.environment(job, python),
        **runtime.env,
        "TRAINING_JOB_NAME": job.name,
        "TRAINING_JOB_ARN": job.arn,
        **_model_format(algorithm["TrainingImage"], runtime),
        **job.request.get("Environment", {}),
    }
    if is_step_function(job.request):
        env["ROPEWAY_WARM"] = context.warm(python, env)
    command = entrypoint or runtime.train_command(script_mode=is_script_mode(job.request))
    if not command:
        raise JobError(
            f"ClientError: the image {algorithm['TrainingImage']} has no train command of its own (runtime "
            f"{runtime.name!r}); give ContainerEntrypoint"
        )
    argv: Sequence[str] = [*command, *algorithm.get("ContainerArguments", ())]
    return context.processes.start(ProcessSpec(job.arn, argv, env, folder.path, str(cwd), context.log.path))


def _model_format(image: str, runtime: Runtime) -> dict[str, str]:
    if runtime.kind != "xgboost":
        return {}
    return {"ROPEWAY_MODEL_FORMAT": "pickle" if pickles_booster(image) else "native"}


def _place(job: Job, context: RunContext, folder: JobFolder, entry: Mapping[str, Any]) -> None:
    name = entry["ChannelName"]
    given = entry.get("DataSource", {}).get("S3DataSource")
    if given is None:
        raise JobError(f"ClientError: channel {name!r}: the sandbox reads channels from S3 only")
    mode = entry.get("InputMode") or job.request["AlgorithmSpecification"].get("TrainingInputMode", "File")
    if mode == "Pipe":
        raise JobError(f"ClientError: channel {name!r}: the sandbox has no Pipe mode; use File or FastFile")
    kind = given.get("S3DataType", "S3Prefix")
    source = Source(given["S3Uri"], kind, gzip=entry.get("CompressionType") == "Gzip")
    place(job, context, folder, source, f"/opt/ml/input/data/{name}")


def _place_checkpoints(job: Job, context: RunContext, folder: JobFolder) -> None:
    config = job.request.get("CheckpointConfig")
    if config is None:
        return
    seen = config.get("LocalPath", "/opt/ml/checkpoints")
    folder.output(seen).mkdir(parents=True, exist_ok=True)
    address = S3Uri.parse(config["S3Uri"])
    try:
        if any(context.objects.list(acting(job), address.bucket, address.key)):
            place(job, context, folder, Source(config["S3Uri"]), seen)
    except DomainError as error:
        raise JobError(f"ClientError: CheckpointConfig.S3Uri {config['S3Uri']}: {error.message}") from error


def _checkpoints(job: Job, context: RunContext, folder: JobFolder) -> Continuous | None:
    config = job.request.get("CheckpointConfig")
    if config is None:
        return None
    return Continuous(job, context, folder, config.get("LocalPath", "/opt/ml/checkpoints"), config["S3Uri"])


def _upload(job: Job, context: RunContext, folder: JobFolder) -> str:
    config = job.request["OutputDataConfig"]
    base = S3Uri.parse(config["S3OutputPath"]).child(job.name, "output")
    if config.get("CompressionType") == "NONE":
        upload(job, context, folder, "/opt/ml/model", str(base.child("model")))
        upload(job, context, folder, "/opt/ml/output/data", str(base.child("data")))
        return f"{base.child('model')}/"
    if any(folder.files("/opt/ml/output/data")):
        upload_archive(job, context, folder, "/opt/ml/output/data", str(base.child("output.tar.gz")))
    model = str(base.child("model.tar.gz"))
    upload_archive(job, context, folder, "/opt/ml/model", model)
    return model


def _metrics(job: Job, context: RunContext) -> list[dict[str, Any]]:
    algorithm = job.request["AlgorithmSpecification"]
    definitions = {entry["Name"]: entry["Regex"] for entry in algorithm.get("MetricDefinitions", ())}
    found = final_metrics(context.log.path, definitions)
    if context.runtimes.match(algorithm["TrainingImage"]).kind == "xgboost":
        found = {**implicit_metrics(context.log.path), **found}
    now = context.clock.now()
    return [{"MetricName": name, "Value": value, "Timestamp": now} for name, value in found.items()]


def _seconds(job: Job) -> float:
    return float(job.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", _DAY))

"""What the sandbox writes into the lineage by itself, when a job ends or a model package is registered.

A job is a trial component named after it (``NAME-aws-training-job``), with its status, times, hyperparameters and
metrics. The data that it read and its image are artifacts that contributed to it; what it wrote it produced: a model,
or data. The same S3 address is the same artifact, so jobs are linked through what one writes and another reads. An
experiment and trial named in the request, or by the pipeline that the job runs for, are made when they are not there,
and the component joins the trial.

Written in the transaction that ends the job or registers the package, so the one is never there without the other.
Left out: endpoints, which SageMaker tracks as contexts, and actions of approvals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.lineage.model import Association, Entity, Metric
from ropeway.sandbox.domain.lineage.ports import LineageStore, TrialStore
from ropeway.sandbox.domain.lineage.service import artifact_name
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.registry.model import Package
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Tracking"]

_SOURCE_TYPES = {
    Kind.PROCESSING: "SageMakerProcessingJob",
    Kind.TRAINING: "SageMakerTrainingJob",
    Kind.TRANSFORM: "SageMakerTransformJob",
}


class Tracking:
    """Writes lineage of what has happened."""

    def __init__(
        self,
        stores: tuple[LineageStore, TrialStore],
        executions: ExecutionStore,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store, self._trials = stores
        self._executions = executions
        self._transactions = transactions
        self._clock = clock

    def job_ended(self, job: Job) -> None:
        """Write a job's component, its artifacts and how they hang together."""
        if job.kind not in _SOURCE_TYPES:
            return
        component = _component(job)
        with self._transactions.transaction():
            if self._store.get(component.arn) is not None:
                return
            self._store.put(component)
            for kind, uri in _inputs(job):
                self._link(self._artifact(job.account, job.region, kind, uri), component.arn, "ContributedTo")
            for kind, uri in _outputs(job):
                self._link(component.arn, self._artifact(job.account, job.region, kind, uri), "Produced")
            metrics = job.result.get("FinalMetricDataList", ())
            ended = job.ended or self._clock.now()
            values = [
                Metric(entry["MetricName"], entry.get("Timestamp", ended), entry["Value"])
                for entry in metrics
                if math.isfinite(entry["Value"])
            ]
            if values:
                self._trials.add_metrics(component.arn, values)
            self._join_trial(job, component.arn)

    def package_made(self, package: Package) -> None:
        """Write a model package: what it was made from, and the group that it belongs to."""
        account, region = package.account, package.region
        with self._transactions.transaction():
            made = self._artifact(account, region, "Model", package.arn)
            for container in package.document.get("InferenceSpecification", {}).get("Containers", ()):
                if container.get("ModelDataUrl"):
                    data = self._artifact(account, region, "Model", container["ModelDataUrl"])
                    self._link(data, made, "ContributedTo")
            if package.group:
                self._link(made, self._group(package), "AssociatedWith")

    def _group(self, package: Package) -> str:
        now = self._clock.now()
        name = f"{package.group}-aws-model-group"
        document = {"Source": {"SourceUri": package.group_arn}, "ContextType": "ModelGroup", "Properties": {}}
        context = Entity(
            "context",
            package.account,
            package.region,
            name,
            now,
            now,
            "ModelGroup",
            package.group_arn,
            document=document,
        )
        if self._store.get(context.arn) is None:
            self._store.put(context)
        return context.arn

    def _artifact(self, account: str, region: str, kind: str, uri: str) -> str:
        name = artifact_name(account, region, {"SourceUri": uri})
        arn = str(Arn("sagemaker", region, account, f"artifact/{name}"))
        if self._store.get(arn) is None:
            now = self._clock.now()
            document = {
                "Source": {"SourceUri": uri, "SourceTypes": []},
                "ArtifactType": kind,
                "Properties": {},
            }
            self._store.put(Entity("artifact", account, region, name, now, now, kind, uri, document=document))
        return arn

    def _link(self, source: str, destination: str, kind: str) -> None:
        self._store.put_association(Association(source, destination, kind, self._clock.now()))

    def _join_trial(self, job: Job, component: str) -> None:
        config = {**self._of_execution(job), **job.request.get("ExperimentConfig", {})}
        experiment, trial = config.get("ExperimentName"), config.get("TrialName")
        if not experiment and not trial:
            return
        name = trial or f"{job.name}-aws-trial"
        if experiment:
            self._ensure(job, "experiment", experiment, "")
            self._ensure(job, "experiment-trial", name, experiment)
        arn = str(Arn("sagemaker", job.region, job.account, f"experiment-trial/{name}"))
        if self._store.get(arn) is not None:
            self._trials.join(arn, component)

    def _of_execution(self, job: Job) -> Mapping[str, Any]:
        """The experiment and trial of the execution that a job runs for."""
        execution = self._executions.get(job.step.execution_arn) if job.step is not None else None
        found: Mapping[str, Any] = execution.document.get("PipelineExperimentConfig", {}) if execution else {}
        return found

    def _ensure(self, job: Job, kind: str, name: str, parent: str) -> None:
        now = self._clock.now()
        entity = Entity(kind, job.account, job.region, name, now, now, parent=parent)
        if self._store.get(entity.arn) is None:
            self._store.put(entity)


def _component(job: Job) -> Entity:
    name = f"{job.name}-aws-{job.kind.value}"
    status = {"PrimaryStatus": job.status}
    if job.failure_reason:
        status["Message"] = job.failure_reason[:1024]
    parameters = {key: _parameter(value) for key, value in job.request.get("HyperParameters", {}).items()}
    document = {
        "DisplayName": job.request.get("ExperimentConfig", {}).get("TrialComponentDisplayName", name),
        "Source": {"SourceArn": job.arn, "SourceType": _SOURCE_TYPES[job.kind]},
        "Status": status,
        "StartTime": job.started,
        "EndTime": job.ended,
        "Parameters": parameters,
        "InputArtifacts": {
            _key(f"{kind}-{number}", kind): {"Value": uri}
            for number, (kind, uri) in enumerate(_inputs(job), 1)
        },
        "OutputArtifacts": {
            _key(f"{kind}-{number}", kind): {"Value": uri}
            for number, (kind, uri) in enumerate(_outputs(job), 1)
        },
    }
    return Entity(
        "experiment-trial-component",
        job.account,
        job.region,
        name,
        job.created,
        job.modified,
        _SOURCE_TYPES[job.kind].removeprefix("SageMaker"),
        job.arn,
        document=document,
    )


def _key(numbered: str, kind: str) -> str:
    return "SageMaker.ImageUri" if kind == "Image" else numbered


def _parameter(text: str) -> dict[str, Any]:
    try:
        number = float(text)
    except ValueError:
        return {"StringValue": text[:2500]}
    return {"NumberValue": number} if math.isfinite(number) else {"StringValue": text}


def _inputs(job: Job) -> Iterator[tuple[str, str]]:
    """Type and address of what a job read, its image included."""
    request = job.request
    for channel in request.get("InputDataConfig", ()):
        uri = channel.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri")
        if uri:
            yield "DataSet", uri
    for entry in request.get("ProcessingInputs", ()):
        uri = entry.get("S3Input", {}).get("S3Uri")
        if uri:
            yield "DataSet", uri
    uri = request.get("TransformInput", {}).get("DataSource", {}).get("S3DataSource", {}).get("S3Uri")
    if uri:
        yield "DataSet", uri
    for container in job.containers:
        if container.model_data_url:
            yield "Model", container.model_data_url
    image = request.get("AlgorithmSpecification", {}).get("TrainingImage")
    image = image or request.get("AppSpecification", {}).get("ImageUri")
    if image:
        yield "Image", image


def _outputs(job: Job) -> Iterator[tuple[str, str]]:
    """Type and address of what a job wrote; a failed job wrote nothing that counts."""
    if job.status != "Completed":
        return
    model = job.result.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if model:
        yield "Model", model
    for entry in job.request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        uri = entry.get("S3Output", {}).get("S3Uri")
        if uri:
            yield "DataSet", uri
    uri = job.request.get("TransformOutput", {}).get("S3OutputPath")
    if uri:
        yield "DataSet", uri

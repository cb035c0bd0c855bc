"""The analyser of check steps: a processing job with the step's image, and the baseline as two more inputs.

The job's environment names the baseline as Model Monitor's image expects it. What the job leaves in S3 is the
verdict: its new baseline, and whether its violations are none. ``start`` may be called again for a job that is
there already, by a restart: then it only waits for its end, or tells it at once.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.lifecycle import FINAL
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.pipelines.checks import Baseline, Check, Verdict
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.values.arn import Arn
from ropeway.values.s3uri import S3Uri

__all__ = ["JobAnalyser"]

_HOME = "/opt/ml/processing/baseline"
_VIOLATIONS = "constraint_violations.json"
_BIAS = "analysis.json"


class JobAnalyser:
    """Implements ``checks.Analyser``."""

    def __init__(self, jobs: Jobs, objects: ObjectStore) -> None:
        self._jobs = jobs
        self._objects = objects
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[Verdict], None]] = {}
        jobs.changes.listen(self._ended)

    def start(self, check: Check, done: Callable[[Verdict], None], /) -> str:
        """Submit the check's job, or wait for one that is there already.

        Raises:
            DomainError: the job is refused.
        """
        arn = str(Arn("sagemaker", check.region, check.account, f"processing-job/{check.job}"))
        with self._lock:
            self._waiting[arn] = done
        try:
            self._jobs.get(arn)
        except DomainError:
            try:
                request = {**_with_baseline(check), "ProcessingJobName": check.job}
                self._jobs.submit(Kind.PROCESSING, check.account, check.region, request, tags=check.tags)
            except DomainError:
                self._taken(arn)
                raise
        self._ended(self._jobs.get(arn))  # it may have ended before anybody waited
        return arn

    def stop(self, job_arn: str, /) -> None:
        """Stop the job; its verdict follows."""
        self._jobs.stop(job_arn)

    def _ended(self, job: Job) -> None:
        if job.status not in FINAL:
            return
        done = self._taken(job.arn)
        if done is not None:
            done(self._verdict(job))

    def _taken(self, arn: str) -> Callable[[Verdict], None] | None:
        with self._lock:
            return self._waiting.pop(arn, None)

    def _verdict(self, job: Job) -> Verdict:
        if job.status != "Completed":
            return Verdict(reason=job.failure_reason or f"the check's job {job.name} ended with {job.status}")
        place = _output(job.request)
        try:
            names = {info.key.rpartition("/")[2] for info in self._objects.list(_who(job), *_split(place))}
            broken = _VIOLATIONS in names and self._violated(_who(job), place)
        except (DomainError, ValueError) as error:
            return Verdict(reason=f"the results of the check's job {job.name} cannot be read: {error}")
        if _BIAS in names:
            calculated = Baseline(f"{place}/{_BIAS}")
        else:
            calculated = Baseline(f"{place}/constraints.json", f"{place}/statistics.json")
        return Verdict(calculated, f"{place}/{_VIOLATIONS}" if broken else None)

    def _violated(self, who: str, place: str) -> bool:
        bucket, prefix = _split(place)
        document = json.loads(self._objects.read(who, bucket, f"{prefix}{_VIOLATIONS}"))
        return bool(document.get("violations"))


def _with_baseline(check: Check) -> Mapping[str, Any]:
    """The request, with the baseline's files among its inputs and in its environment."""
    if check.baseline is None:
        return check.request
    inputs, environment = list(check.request["ProcessingInputs"]), dict(check.request.get("Environment", {}))
    for kind, uri in (("constraints", check.baseline.constraints), ("statistics", check.baseline.statistics)):
        if uri is None:
            continue
        path = f"{_HOME}/{kind}"
        source = {
            "S3Uri": uri,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        }
        inputs.append({"InputName": f"baseline_{kind}", "AppManaged": False, "S3Input": source})
        environment[f"baseline_{kind}"] = f"{path}/{uri.rpartition('/')[2]}"
    return {**check.request, "ProcessingInputs": inputs, "Environment": environment}


def _who(job: Job) -> str:
    return job.role_arn or job.account


def _output(request: Mapping[str, Any]) -> str:
    """Where the job's first output goes."""
    outputs = request["ProcessingOutputConfig"]["Outputs"]
    uri: str = next(each["S3Output"]["S3Uri"] for each in outputs if each.get("S3Output"))
    return uri.rstrip("/")


def _split(place: str) -> tuple[str, str]:
    uri = S3Uri.parse(place)
    return uri.bucket, f"{uri.key}/" if uri.key else ""

"""The checks at the end, against a server that nobody kills any more."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from bench.chaos.facts import Facts
from bench.chaos.load import digest
from bench.chaos.scene import BUCKET, LINES, Scene

__all__ = ["Verify"]

_GROUP = "/aws/sagemaker/{}Jobs"
_KINDS = ("Processing", "Training", "Transform")


class Verify:
    """Looks at everything and complains to the facts.

    Attributes:
        counts: how many of what was looked at.
    """

    def __init__(self, scene: Scene, facts: Facts) -> None:
        self._scene = scene
        self._facts = facts
        self._s3 = scene.client("s3")
        self._sagemaker = scene.client("sagemaker")
        self.counts: Counter[str] = Counter()

    def everything(self, seconds: float) -> None:
        """Wait for what runs, then check."""
        self._settle(seconds)
        self._executions(seconds)
        self._objects()
        self._registry()
        self._tags()
        traces = self._traces()
        for kind in _KINDS:
            self._jobs(kind, traces)
        self._outcomes()

    def _wrong(self, text: str) -> None:
        self._facts.complain(text)

    def _settle(self, seconds: float) -> None:
        """Wait until no job and no execution runs."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            busy = [
                summary
                for kind in _KINDS
                for status in ("InProgress", "Stopping")
                for summary in self._listed(kind, StatusEquals=status)
            ]
            going = [
                summary
                for summary in self._all_executions()
                if summary["PipelineExecutionStatus"] in {"Executing", "Stopping"}
            ]
            if not busy and not going:
                return
            time.sleep(0.3)
        self._wrong(f"still running after {seconds:g} s: {[*busy, *going]}")

    def _objects(self) -> None:
        for key, fact in self._facts.of("object").items():
            self.counts["objects"] += 1
            try:
                found = digest(self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            except ClientError as error:
                found = None
                if error.response["Error"]["Code"] != "NoSuchKey":
                    self._wrong(f"{key}: {error}")
            if not fact.allows(found):
                self._wrong(f"object {key}: found {found}, not {fact}")

    def _registry(self) -> None:
        for arn, fact in self._facts.of("approval").items():
            self.counts["model packages"] += 1
            found = self._sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"]
            if not fact.allows(found):
                self._wrong(f"approval of {arn}: found {found}, not {fact}")

    def _tags(self) -> None:
        by_arn: dict[str, dict[str, str]] = {}
        for (arn, key), fact in self._facts.of("tag").items():
            if arn not in by_arn:
                tags = self._sagemaker.list_tags(ResourceArn=arn)["Tags"]
                by_arn[arn] = {tag["Key"]: tag["Value"] for tag in tags}
            self.counts["tags"] += 1
            if not fact.allows(by_arn[arn].get(key)):
                self._wrong(f"tag {key}: found {by_arn[arn].get(key)}, not {fact}")
        ssm = self._scene.client("ssm")
        for key, fact in self._facts.of("parameter").items():
            self.counts["parameters"] += 1
            found = ssm.get_parameters(Names=[key])["Parameters"]
            if not fact.allows(found[0]["Value"] if found else None):
                self._wrong(f"parameter {key}: found {found}, not {fact}")

    def _traces(self) -> Counter[str]:
        lines = self._scene.ledger.read_text(encoding="utf-8").splitlines()
        return Counter(lines)

    def _executions(self, seconds: float) -> None:
        """Each one has ended; those that failed are retried, and then succeed."""
        calls = {line: n for line, n in self._traces().items() if line.startswith("call ")}
        for line, count in calls.items():
            if count > 1:
                self._wrong(f"a Lambda step ran {count} times: {line}")
        known = {summary["PipelineExecutionArn"]: summary for summary in self._all_executions()}
        for arn in self._facts.of("execution"):
            if arn not in known:
                self._wrong(f"execution {arn} was acknowledged and is not there")
        self.counts["executions"] = len(known)
        failed = [arn for arn, told in known.items() if told["PipelineExecutionStatus"] != "Succeeded"]
        self.counts["executions to retry"] = len(failed)
        for arn in failed:
            self._check_reason(arn)
            self._sagemaker.retry_pipeline_execution(
                PipelineExecutionArn=arn, ClientRequestToken=arn[-12:] * 3
            )
        self._settle(seconds)
        for arn in known:
            told = self._sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            if told["PipelineExecutionStatus"] != "Succeeded":
                self._wrong(f"{arn} is {told['PipelineExecutionStatus']}: {told.get('FailureReason')}")
            steps = self._steps(arn)
            self.counts["steps"] += len(steps)
            names = Counter(step["StepName"] for step in steps)
            if names != Counter(["Process", "Train", "Call", "Check", "Register"]):
                self._wrong(f"{arn} has the steps {dict(names)}")

    def _check_reason(self, arn: str) -> None:
        failed = [step for step in self._steps(arn) if step["StepStatus"] == "Failed"]
        if not failed or not all(step.get("FailureReason") for step in failed):
            self._wrong(f"{arn} failed, and no step tells why")
        for step in failed:
            reason = step["FailureReason"]
            if "sandbox" not in reason and "spawner" not in reason:
                self._wrong(f"{arn}: {step['StepName']} failed: {reason}")
            self.counts[f"failed {step['StepName']}"] += 1

    def _jobs(self, kind: str, traces: Counter[str]) -> None:
        for summary in self._listed(kind):
            name = summary[f"{kind}JobName"]
            described = getattr(self._sagemaker, f"describe_{kind.lower()}_job")(**{f"{kind}JobName": name})
            status = described[f"{kind}JobStatus"]
            self.counts[f"{kind} jobs"] += 1
            self.counts[f"{kind} jobs {status}"] += 1
            if status == "Completed":
                self._completed(kind, name, described, traces)
            elif "sandbox" not in described["FailureReason"]:
                self._wrong(f"{name} is {status}: {described['FailureReason']}")
            if traces[f"begin {name}"] > 1:
                self._wrong(f"{name} ran {traces[f'begin {name}']} times")

    def _completed(self, kind: str, name: str, described: dict[str, Any], traces: Counter[str]) -> None:
        if kind == "Transform":
            for number in range(3):
                body = self._s3.get_object(Bucket=BUCKET, Key=f"out/{name}/{number}.csv.out")["Body"].read()
                rows = "".join(f"ROW {number} {line}\n" for line in range(200)).encode()
                if body.rstrip(b"\n") != rows.rstrip(b"\n"):
                    self._wrong(f"{name}: {number}.csv.out has {len(body)} bytes that are not the answers")
            return
        if (traces[f"begin {name}"], traces[f"end {name}"]) != (1, 1):
            self._wrong(
                f"{name} completed with {traces[f'begin {name}']} begins, {traces[f'end {name}']} ends"
            )
        if kind == "Training":
            key = described["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{BUCKET}/")
            self._s3.head_object(Bucket=BUCKET, Key=key)
        else:
            uri = described["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
            prefix = uri.removeprefix(f"s3://{BUCKET}/")
            for file, size in (("zeros", 200_000), ("name", len(name) + 1)):
                head = self._s3.head_object(Bucket=BUCKET, Key=f"{prefix}/{file}")
                if head["ContentLength"] != size:
                    self._wrong(f"{name}: {file} has {head['ContentLength']} bytes")
        self._log(kind, name)

    def _log(self, kind: str, name: str) -> None:
        logs = self._scene.client("logs")
        group = _GROUP.format(kind)
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
        lines = [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        self.counts["logs"] += 1
        if lines != [f"line {number}" for number in range(LINES)]:
            self._wrong(f"{name}: its log has {lines}")

    def _outcomes(self) -> None:
        """What clients were told stayed so."""
        for (kind, name), fact in self._facts.of("outcome").items():
            described = getattr(self._sagemaker, f"describe_{kind.lower()}_job")(**{f"{kind}JobName": name})
            if not fact.allows(described[f"{kind}JobStatus"]):
                self._wrong(f"{name}: {described[f'{kind}JobStatus']}, not {fact}")
        for kind, name in self._facts.of("job"):
            fact = self._facts.of("job")[kind, name]
            if fact.acknowledged:
                getattr(self._sagemaker, f"describe_{kind.lower()}_job")(**{f"{kind}JobName": name})

    def _listed(self, kind: str, **filters: Any) -> Iterator[dict[str, Any]]:
        paginator = self._sagemaker.get_paginator(f"list_{kind.lower()}_jobs")
        for page in paginator.paginate(**filters):
            yield from page[f"{kind}JobSummaries"]

    def _all_executions(self) -> Iterator[dict[str, Any]]:
        paginator = self._sagemaker.get_paginator("list_pipeline_executions")
        for page in paginator.paginate(PipelineName="chaos"):
            yield from page["PipelineExecutionSummaries"]

    def _steps(self, arn: str) -> list[dict[str, Any]]:
        paginator = self._sagemaker.get_paginator("list_pipeline_execution_steps")
        pages = paginator.paginate(PipelineExecutionArn=arn)
        return [step for page in pages for step in page["PipelineExecutionSteps"]]

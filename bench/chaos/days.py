"""The demonstration's platform and model, lived through day by day by clients that expect to be cut off."""

from __future__ import annotations

import json
import os
import runpy
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ropeway.aws.session import on_sandbox
from ropeway.cli.app import App
from ropeway.cli.demo.story import account_of
from ropeway.cli.infra.provisioning import provision
from ropeway.config.load import load
from ropeway.config.model import Site
from ropeway.pipelines.outline import outline
from ropeway.usecases.demo.month import INFERENCE, TRAIN, Account
from ropeway.usecases.demo.stages import MODEL, deploy, run
from ropeway.usecases.executions import ExecutionView, follow

__all__ = ["Days", "Lived", "judged"]

_DATA = f"{MODEL}/data"
_STEP_OF_DRIFT = "Mammo-DataQuality"
# What pipelines promise of a function's call that a crash cut off: it is not made again.
_CUT_OFF = "the sandbox stopped while the function ran"


@dataclass(frozen=True)
class Lived:
    """A day that is over.

    Attributes:
        approved: the version that was approved last when it began; 0 for none.
        began, ended: by the sandbox's clock, in epoch seconds.
    """

    number: int
    kind: str
    approved: int
    began: float
    ended: float


class Days:
    """What people do, and what can be seen of what the platform does."""

    def __init__(
        self, endpoint: str, dev: Account, prod: Account, registry_account: str, folder: Path
    ) -> None:
        self.endpoint, self.dev, self.prod, self.folder = endpoint, dev, prod, folder / "data"
        self.registry = _client(endpoint, "sagemaker", registry_account)
        self.sagemaker = _client(endpoint, "sagemaker", "333333333333")
        self.s3 = _client(endpoint, "s3", "333333333333")
        data = runpy.run_path(str(prod.place.examples / "mammography" / "data.py"))
        self._write_day: Callable[..., str] = data["write_day"]
        data["write"](self.folder)
        self._first = 0.0
        self._broken = False
        self.mails: list[dict[str, Any]] = []
        self.cut_off = 0

    @classmethod
    def prepared(cls, endpoint: str, folder: Path) -> Days:
        """A platform with a first version trained and approved, and pipelines in prod; nobody kills yet."""
        app = App()
        app.use(on_sandbox(endpoint, "111111111111", "eu-west-1"))
        platform = load(Path(provision(app, folder / "platform").file))
        unit = next(iter(platform.units))

        def site(name: str) -> Site:
            return platform.site(unit, name)

        dev, prod = (account_of(endpoint, site(name), site("operations"), folder) for name in ("dev", "prod"))
        days = cls(endpoint, dev, prod, site("operations").account, folder)
        for mail in days._page("GET", "mail")["mails"]:
            if mail["waits"]:
                days._page("GET", mail["link"].partition("/_sandbox/")[2])
        for account in (dev, prod):
            days._put(
                account, "train", "train"
            )  # the second clinic's never come: it stays news to every version
        run(dev.clients, dev.place, "train.py", days._followed)
        days.approve()
        for module in ("train.py", "inference.py"):
            deploy(prod.clients, prod.place, module)
        noon = datetime.fromtimestamp(days.now(), tz=timezone.utc).replace(hour=12, minute=0, second=0)
        days._first = (noon + timedelta(days=1)).timestamp()
        days.advance(days._first - days.now())
        return days

    def noon(self, number: int) -> float:
        """When a day ends: at noon, half a day after its schedule."""
        return self._first + number * 86_400

    def now(self) -> float:
        """The sandbox's time."""
        return float(self._page("GET", "clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move the clock on, and wait."""
        left = self._page("POST", "clock", {"advance": seconds, "settle": True, "patience": 120})["running"]
        if left:
            raise RuntimeError(f"{left} did not end")

    def approve(self) -> int:
        """Approve what waits; the newest approved version."""
        versions = self.registry.list_model_packages(ModelPackageGroupName=MODEL)["ModelPackageSummaryList"]
        for version in versions:
            if version["ModelApprovalStatus"] == "PendingManualApproval":
                self.registry.update_model_package(
                    ModelPackageArn=version["ModelPackageArn"], ModelApprovalStatus="Approved"
                )
        return max((version["ModelPackageVersion"] for version in versions), default=0)

    def deliver(self, number: int, kind: str) -> None:
        """A day's batch; a broken script is deployed, and taken back the day after."""
        self._write_day(self.folder, number, kind)
        self._put(self.prod, "batch", "batch")
        if kind == "script" or self._broken:
            scripts = str(self.folder / "scripts") if kind == "script" else None
            deploy(self.prod.clients, self.prod.place, "inference.py", scripts=scripts)
            self._broken = kind == "script"

    def executions(self, pipeline: str) -> list[dict[str, Any]]:
        """All of a pipeline's in prod, oldest first."""
        pages = self.sagemaker.get_paginator("list_pipeline_executions").paginate(PipelineName=pipeline)
        found = [each for page in pages for each in page["PipelineExecutionSummaries"]]
        return sorted(found, key=lambda each: each["StartTime"])

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        """An execution's steps by name."""
        pages = self.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=arn
        )
        return {step["StepName"]: step for page in pages for step in page["PipelineExecutionSteps"]}

    def predictions(self, execution: str) -> int | None:
        """How many rows an execution has predicted; None when there is no object."""
        prefix = f"{MODEL}/predictions/{execution}/"
        found = self.s3.list_objects_v2(Bucket=self.prod.place.bucket, Prefix=prefix).get("Contents", [])
        if not found:
            return None
        body = self.s3.get_object(Bucket=self.prod.place.bucket, Key=found[0]["Key"])["Body"].read()
        return len(body.decode().splitlines()) - 1

    def retrainings(self) -> int:
        """How many executions drift has started."""
        return sum(_name(each).startswith("drift-") for each in self.executions(TRAIN))

    def read_mails(self) -> None:
        """Everything that people were told."""
        self.mails = self._page("GET", "mail")["mails"]

    def _followed(self, arn: str) -> ExecutionView:
        outline(self.dev.clients.executions.definition(arn))
        *_, last = follow(self.dev.clients.executions, arn, lambda _: None)
        return last

    def _put(self, account: Account, kind: str, to: str) -> None:
        for file in sorted((self.folder / kind).glob("*.csv")):
            account.clients.storage.put(account.place.bucket, f"{_DATA}/{to}/{file.name}", file.read_bytes())

    def _page(self, method: str, page: str, document: Any = None) -> dict[str, Any]:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{page}", data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=180
        ) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def judged(days: Days, lived: Sequence[Lived]) -> list[str]:
    """Everything that is not as it must be, in words."""
    days.read_mails()
    wrong: list[str] = []
    inferences = days.executions(INFERENCE)
    by_day: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in inferences:
        by_day[int((each["StartTime"].timestamp() - days.noon(0)) // 86_400) + 1].append(each)
    started = Counter(_name(each) for each in days.executions(TRAIN))
    wrong += [f"{name} started {count} times" for name, count in started.items() if name and count > 1]
    for day in lived:
        found = by_day.pop(day.number, [])
        if len(found) != 1:
            wrong.append(f"day {day.number} ({day.kind}) has {len(found)} executions")
        for each in found:
            arn = each["PipelineExecutionArn"]
            wrong += [
                f"day {day.number} ({day.kind}, {arn}): {text}" for text in _of_day(days, day, each, started)
            ]
    # The schedule is older than the first day that is lived.
    unlived = [(number, len(found)) for number, found in by_day.items() if number > 0]
    wrong += [f"{count} executions on day {number}, which nobody lived" for number, count in unlived]
    return wrong


def _of_day(days: Days, day: Lived, execution: dict[str, Any], started: Counter[str]) -> list[str]:
    arn, status = execution["PipelineExecutionArn"], execution["PipelineExecutionStatus"]
    identity, steps, wrong = arn.rpartition("/")[2], days.steps(arn), []
    told = [mail for mail in days.mails if identity in mail["body"]]
    rows = days.predictions(identity)
    retrained = started[f"drift-{identity}"]
    days.cut_off += _cut_off(steps)
    if day.kind == "clean" and not _cut_off(steps):
        if status != "Succeeded":
            return [f"it is {status}: {[step.get('FailureReason') for step in steps.values()]}"]
        version = _version(steps)
        wrong += [f"predicted by version {version}, not {day.approved}"] if version != day.approved else []
        wrong += [f"{rows} rows are predicted"] if rows != 48 else []
        wrong += ["it retrained"] if retrained else []
        return wrong
    if day.kind == "both" and status == "Succeeded":
        return []  # half of the rows may or may not be enough to tell
    if status != "Failed":
        wrong.append(f"it is {status}")
    wrong += [f"{rows} rows are predicted"] if rows is not None else []
    failures = [mail for mail in told if "Failed" in mail["body"]]
    wrong += [] if failures else ["nobody was told that it failed"]
    checked = steps.get(_STEP_OF_DRIFT, {}).get("StepStatus") == "Failed"
    decided = {mail["subject"].rpartition(": ")[2] for mail in told if "retraining" in mail["subject"]}
    if checked and not decided:
        wrong.append("nobody decided on the failed check")
    if retrained != int("retraining started" in decided):
        wrong.append(f"retrained {retrained} times, told {sorted(decided)}")
    if retrained and day.kind not in {"drifted", "both"}:
        wrong.append("it retrained without drift")
    return wrong


def _cut_off(steps: dict[str, dict[str, Any]]) -> bool:
    """Whether a kill hit the call of a function, which fails the execution."""
    return any(_CUT_OFF in step.get("FailureReason", "") for step in steps.values())


def _version(steps: dict[str, dict[str, Any]]) -> int:
    outputs = steps["Mammo-LatestApproved"]["Metadata"]["Lambda"]["OutputParameters"]
    return int(float(next(each["Value"] for each in outputs if each["Name"] == "version")))


def _name(execution: dict[str, Any]) -> str:
    return str(execution.get("PipelineExecutionDisplayName", ""))


def _client(endpoint: str, service: str, account: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=os.environ.get("AWS_REGION", "eu-west-1"),
        aws_access_key_id=account,
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )

"""Days of a model in production: what arrives each day, and what the platform does about it by itself.

Nothing here predicts, checks, retrains or mails. A day is: files are delivered, the clock moves on by a day, and what
the schedule, the rules and the functions have done by then is read from pipelines, registry and mailbox. Two people's
parts are played: the lead approves the first version, and the better one once it waits with its comparison; and
somebody deploys a broken script, and takes it back.
"""

from __future__ import annotations

import csv
import io
import json
import re
import runpy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ropeway.errors import RopewayError
from ropeway.usecases.demo.stages import (
    MALIGNANT,
    MODEL,
    Clients,
    Follow,
    Place,
    Run,
    deploy,
    run,
    run_of,
    told_failure,
)
from ropeway.usecases.executions import ExecutionView, view
from ropeway.usecases.models import VersionView, decide, pending
from ropeway.values.s3uri import S3Uri

__all__ = ["DAYS", "Account", "DayReport", "Mail", "Month", "World"]

INFERENCE, TRAIN = "mammography-inference", "mammography-train"
_DAY = 24 * 3600.0
_DATA = f"{MODEL}/data"
_PREDICTS = {"clean", "both"}
_RETRAINS = {"drifted"}
_EXECUTION = re.compile(r"arn:\S+:pipeline/([^/\s]+)/execution/(\w+)")

# A day's kind, as the example's data.py has it, and what is told of it.
DAYS = (
    ("clean", "nothing is approved yet"),
    ("clean", "clean data"),
    ("missing", "missing values"),
    ("renamed", "a renamed column"),
    ("type", "words instead of numbers"),
    ("empty", "an empty file"),
    ("script", "a broken script"),
    ("clean", "clean data"),
    ("drifted", "patients of a new clinic"),
    ("both", "patients old and new"),
)


@dataclass(frozen=True)
class Mail:
    """A message in the mailbox."""

    receiver: str
    subject: str
    text: str


class World(Protocol):
    """What surrounds the platform: time and mail."""

    def advance(self, seconds: float) -> str:
        """Move the clock on and wait for what that starts; the date that it is then."""

    def mails(self) -> Sequence[Mail]:
        """Every mail, oldest first."""


@dataclass(frozen=True)
class Account:
    """An account: its services, and where pipelines run in it."""

    clients: Clients
    place: Place


@dataclass(frozen=True)
class DayReport:
    """One day.

    Attributes:
        day: 1 for the first.
        kind: of the data.
        title: the same in words.
        inference: the scheduled execution.
        failure: the step that stopped it and why; None when it predicted.
        violations: columns and what the check found, when that stopped it.
        version: that predicted.
        rows, right: predictions, and how many are on the side of 0.5 that the truth is on.
        retraining: what drift started.
        mails: what the day's mails say, in a few words each.
    """

    day: int
    date: str
    kind: str
    title: str
    inference: Run
    failure: str | None
    violations: tuple[tuple[str, str], ...]
    version: str | None
    rows: int
    right: int
    retraining: Run | None
    mails: tuple[str, ...]


class Month:
    """A model's first days in production.

    Args:
        dev: where the first version is trained.
        prod: where it predicts, and is trained anew.
        registry: the account of the model package group.
        world: time and mail.
        follow: shows an execution until it has ended.
    """

    def __init__(self, dev: Account, prod: Account, registry: Clients, world: World, follow: Follow) -> None:
        self._dev, self._prod, self._registry, self._world, self._follow = dev, prod, registry, world, follow
        data = runpy.run_path(str(prod.place.examples / "mammography" / "data.py"))
        self._write: Callable[..., None] = data["write"]
        self._write_day: Callable[..., str] = data["write_day"]
        self._folder = prod.place.folder / "data"
        self._mails = len(world.mails())
        self._approved: str | None = None

    def train(self) -> Run:
        """Bring the deliveries to dev and prod, and train the first version in dev.

        Raises:
            RopewayError: the pipeline failed.
        """
        self._write(self._folder)
        for account in (self._dev, self._prod):
            self._deliver(account, "train")
        return run(self._dev.clients, self._dev.place, "train.py", self._follow)

    def deploy(self) -> tuple[str, str]:
        """Both pipelines to prod; their names."""
        account = self._prod
        names = (TRAIN, INFERENCE)
        for name, module in zip(names, ("train.py", "inference.py"), strict=True):
            if deploy(account.clients, account.place, module) != name:
                raise RopewayError(f"{module} gives a pipeline of another name than {name}")
        return names

    def waiting(self) -> VersionView:
        """The version that waits for approval.

        Raises:
            RopewayError: none does.
        """
        return pending(self._registry.registry, self._registry.storage, MODEL)

    def approve(self, version: VersionView, reason: str) -> str:
        """Approve it, as its lead would after a look; ``GROUP/VERSION``."""
        decide(self._registry.registry, version, approve=True, reason=reason)
        self._approved = f"{version.group}/{version.version}"
        return self._approved

    def days(self, numbered: Sequence[tuple[int, tuple[str, str]]]) -> Iterator[DayReport]:
        """Live through some days.

        Args:
            numbered: number, kind and title of each.

        Raises:
            RopewayError: the platform did not do what it should; the message tells the day.
        """
        for day, (kind, title) in numbered:
            self._write_day(self._folder, day, kind)
            self._deliver(self._prod, "batch")
            if kind == "drifted":  # by now biopsies have told what the new clinic's first patients had
                self._deliver(self._prod, "later", "train")
            broken = kind == "script"
            if broken:
                self._deploy_scripts(str(self._folder / "scripts"))
            report = self._live(day, kind, title)
            _check(report, self._approved)
            yield report
            if broken:
                self._deploy_scripts(None)

    def _live(self, day: int, kind: str, title: str) -> DayReport:
        before = self._known()
        date = self._world.advance(_DAY)
        started = [each for each in self._executions() if each["PipelineExecutionArn"] not in before]
        inferences = [each for each in started if f"/{INFERENCE}/" in each["PipelineExecutionArn"]]
        if len(inferences) != 1:
            raise RopewayError(f"day {day}: the schedule started {len(inferences)} executions of {INFERENCE}")
        retrained = [each for each in started if f"/{TRAIN}/" in each["PipelineExecutionArn"]]
        seen = view(self._prod.clients.executions, inferences[0]["PipelineExecutionArn"])
        steps = self._prod.clients.executions.steps(seen.arn)
        rows, right = self._predicted(seen) if seen.ended_well else (0, 0)
        return DayReport(
            day=day,
            date=date,
            kind=kind,
            title=title,
            inference=run_of(seen),
            failure=None if seen.ended_well else told_failure(seen),
            violations=self._violations(steps),
            version=_version(steps) if seen.ended_well else None,
            rows=rows,
            right=right,
            retraining=self._retrained(retrained),
            mails=tuple(_gist(mail) for mail in self._new_mails()),
        )

    def _executions(self) -> list[dict[str, Any]]:
        executions = self._prod.clients.executions
        return [*executions.list(INFERENCE), *executions.list(TRAIN)]

    def _known(self) -> set[str]:
        return {str(each["PipelineExecutionArn"]) for each in self._executions()}

    def _retrained(self, started: Sequence[dict[str, Any]]) -> Run | None:
        if not started:
            return None
        seen = view(self._prod.clients.executions, started[0]["PipelineExecutionArn"])
        if len(started) > 1 or not seen.ended_well:
            raise RopewayError(f"retraining {seen.name}: {len(started)} started, {told_failure(seen)}")
        return run_of(seen)

    def _new_mails(self) -> Sequence[Mail]:
        mails = self._world.mails()
        new, self._mails = mails[self._mails :], len(mails)
        return new

    def _deliver(self, account: Account, kind: str, to: str | None = None) -> None:
        for file in sorted((self._folder / kind).glob("*.csv")):
            key = f"{_DATA}/{to or kind}/{file.name}"
            account.clients.storage.put(account.place.bucket, key, file.read_bytes())

    def _deploy_scripts(self, scripts: str | None) -> None:
        deploy(self._prod.clients, self._prod.place, "inference.py", scripts=scripts)

    def _predicted(self, seen: ExecutionView) -> tuple[int, int]:
        key = f"{MODEL}/predictions/{seen.arn.rpartition('/')[2]}/mammo-batch.csv.out"
        content = self._prod.clients.storage.get(self._prod.place.bucket, key).decode()
        scores = [float(row["probability"]) for row in csv.DictReader(io.StringIO(content))]
        truth = (self._folder / "truth" / "severity.csv").read_text(encoding="utf-8").split()
        if len(scores) != len(truth):
            raise RopewayError(f"{key} has {len(scores)} predictions for {len(truth)} rows")
        pairs = zip(scores, truth, strict=True)
        return len(scores), sum((score >= MALIGNANT) == (label == "1") for score, label in pairs)

    def _violations(self, steps: Sequence[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
        reports = [step.get("Metadata", {}).get("QualityCheck", {}).get("ViolationReport") for step in steps]
        found: dict[tuple[str, str], None] = {}
        for uri in filter(None, reports):
            place = S3Uri.parse(uri)
            document = json.loads(self._prod.clients.storage.get(place.bucket, place.key))
            for each in document["violations"]:
                found[each["feature_name"], each["constraint_check_type"]] = None
        return tuple(found)


def _check(day: DayReport, approved: str | None) -> None:
    """A demonstration that goes otherwise than it should is a failure, not a story."""
    predicts = day.kind in _PREDICTS and approved is not None
    wrong = []
    if (day.failure is None) != predicts:
        wrong.append(
            f"{'no predictions' if predicts else 'predictions'} ({day.failure or day.inference.execution})"
        )
    if predicts and day.version != approved:
        wrong.append(f"predictions by {day.version}, not by {approved}")
    if (day.retraining is not None) != (day.kind in _RETRAINS):
        wrong.append(f"{'retraining' if day.retraining else 'no retraining'}")
    if not predicts and not day.mails:
        wrong.append("nobody was told")
    if wrong:
        raise RopewayError(f"day {day.day}, {day.title}: unexpectedly {' and '.join(wrong)}")


def _gist(mail: Mail) -> str:
    """Its subject; where that is AWS's own for everything, its first sentence."""
    if not mail.subject.startswith("AWS Notification"):
        return mail.subject
    text = mail.text.strip().strip('"').partition("\n")[0]
    return _EXECUTION.sub(r"\1/\2", text).partition(". ")[0].rstrip(".")


def _version(steps: Sequence[dict[str, Any]]) -> str | None:
    for step in steps:
        for output in step.get("Metadata", {}).get("Lambda", {}).get("OutputParameters", []):
            if output["Name"] == "version":
                return f"{MODEL}/{str(output['Value']).partition('.')[0]}"
    return None

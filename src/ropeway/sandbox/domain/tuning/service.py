"""Tuning jobs: who creates, stops and deletes them, and how they move on.

A *trial* is one of the training jobs. ``_advance`` reads how the trials stand, lets ``decide`` say what is next,
writes it and does it. It is called when a tuning job is created or stopped, when one of its training jobs ends, by
``look`` from time to time where a time limit or early stopping asks for it, and after a restart. A lock per tuning
job makes the calls take turns; a call from inside another one is made up for at its end.

A trial's name and values are written before its training job is submitted, so a restart between the two submits
it then, and one after it finds it: no training job runs twice, and none is lost.

Listeners hear of a tuning job's end after the commit and outside of the lock, as they have locks of their own.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ropeway.sandbox.domain.changes import Changes
from ropeway.sandbox.domain.errors import InUse, Invalid
from ropeway.sandbox.domain.jobs.model import Job, StepRef
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.tuning import lifecycle, requests
from ropeway.sandbox.domain.tuning.decide import decide
from ropeway.sandbox.domain.tuning.model import Trial, Tuning, arn_of
from ropeway.sandbox.domain.tuning.ports import Metrics, Optimiser, Seen, TuningStore
from ropeway.sandbox.domain.tuning.propose import propose, seen_of
from ropeway.sandbox.domain.tuning.requests import Definition, definitions_of
from ropeway.sandbox.domain.tuning.runs import Runs, stops_early
from ropeway.sandbox.domain.tuning.views import TuningViews
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Tools", "Tunings"]

_SUFFIX = 8
_SEEDS = 2**63  # what a column holds


@dataclass(frozen=True)
class Tools:
    """What tuning works with besides its store.

    Attributes:
        wake: has ``Tunings.look`` called again and again, from now on, until it says that there is nothing.
    """

    clock: Clock
    ids: Ids
    optimiser: Optimiser
    metrics: Metrics
    wake: Callable[[], None]


class Tunings:
    """The life cycle of tuning jobs.

    Attributes:
        views: what others are told of them.
    """

    def __init__(
        self, store: TuningStore, transactions: Transactions, jobs: Jobs, tags: Tags, tools: Tools
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._jobs = jobs
        self._tags = tags
        self._tools = tools
        self._runs = Runs(store, transactions, jobs, tools.clock, tools.metrics)
        self.views = TuningViews(store, self._runs)
        self._locks = [threading.RLock() for _ in range(64)]
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self.changes: Changes[Tuning] = Changes()
        jobs.changes.listen(self._job_ended)

    def create(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        *,
        tags: Sequence[Mapping[str, str]] = (),
    ) -> Tuning:
        """Take a tuning job and start its first training jobs; the arguments and errors are those of ``add``."""
        tuning = self.add(account, region, request, tags=tags)
        self.begin(tuning.arn)
        return tuning

    def add(
        self,
        account: str,
        region: str,
        request: Mapping[str, Any],
        *,
        tags: Sequence[Mapping[str, str]] = (),
        step: StepRef | None = None,
    ) -> Tuning:
        """Take a tuning job; ``begin`` starts its first training jobs.

        So a caller may write the tuning job in a transaction of its own, and start it after the commit.

        Args:
            account: the account that it runs in.
            region: the region that it runs in.
            request: the create request, API-shaped and valid by the service model, with its name.
            tags: API-shaped, for the tuning job and its training jobs.
            step: the pipeline step that it runs for.

        Raises:
            InUse: the name is taken.
            Invalid: members contradict each other.
            NotFound: a parent tuning job does not exist.
            NotThere: the request asks for what the sandbox does not have.
        """
        kept = requests.accept(request)
        if "WarmStartConfig" in kept:
            requests.check_parents(kept, self._parents(account, region, kept))
        now = self._tools.clock.now()
        tuning = Tuning(
            account=account,
            region=region,
            name=str(kept["HyperParameterTuningJobName"]),
            request=kept,
            status="InProgress",
            seed=self._seed(kept),
            created=now,
            modified=now,
            tags=tuple(tags),
            step=step,
        )
        with self._transactions.transaction():
            if self._store.get(tuning.arn) is not None:
                raise InUse(
                    "Hyper parameter tuning job names must be unique within an AWS account and region, "
                    f"and a tuning job with this name already exists ({tuning.arn})"
                )
            self._store.add(tuning)
            self._tags.add(tuning.arn, tags)
            self.changes.changed(tuning)
        return tuning

    def begin(self, arn: str) -> None:
        """Start the first training jobs of a tuning job that was added."""
        self._advance(arn)
        self._tools.wake()

    def get(self, arn: str) -> Tuning:
        """A tuning job by its ARN.

        Raises:
            NotFound: there is none, in AWS's words.
        """
        tuning = self._store.get(arn)
        if tuning is None:
            raise requests.not_found(arn.rpartition("/")[2])
        return tuning

    def find(self, account: str, region: str, name: str) -> Tuning:
        """A tuning job by its name.

        Raises:
            NotFound: there is none, in AWS's words.
        """
        return self.get(arn_of(account, region, name))

    def list(self, account: str, region: str, listing: Listing) -> Page[Tuning]:
        """Tuning jobs of one account and region."""
        return self._store.list(account, region, listing)

    def stop(self, arn: str) -> None:
        """Stop a tuning job and its training jobs; one that is stopping already goes on stopping.

        Raises:
            Invalid: it has ended.
            NotFound: there is none.
        """
        with self._lock(arn):
            tuning = self.get(arn)
            if tuning.status == "Stopping":
                return
            if tuning.status in lifecycle.FINAL:
                raise Invalid(
                    "The request was rejected because the hyper parameter tuning job "
                    f"is in status {tuning.status}."
                )
            self._move(replace(tuning, closing="stop"), "stop")
        self._advance(arn)

    def delete(self, arn: str) -> None:
        """Forget a tuning job that has ended; its training jobs stay.

        Raises:
            Invalid: it has not ended.
            NotFound: there is none.
        """
        with self._lock(arn), self._transactions.transaction():
            tuning = self.get(arn)
            if tuning.status not in lifecycle.FINAL:
                raise Invalid(
                    "The request was rejected because the hyper parameter tuning job "
                    f"is in status {tuning.status}; stop it first."
                )
            self._store.delete(arn)
            self._tags.clear(arn)

    def _advance(self, arn: str) -> None:
        """Move a tuning job on as far as it goes now."""
        with self._lock(arn):
            if arn in self._busy:  # this thread is in here already: it goes round once more
                self._again.add(arn)
                return
            self._busy.add(arn)
            try:
                ended = None
                going = True
                while going and ended is None:
                    self._again.discard(arn)
                    going, ended = self._round(arn)
                    going = going or arn in self._again
            finally:
                self._busy.discard(arn)
        if ended is not None:
            self.changes.ended(ended)

    def look(self) -> bool:
        """Look after what time changes: time limits and early stopping; whether there is more to look after."""
        watched = [tuning for tuning in self._store.unfinished() if _is_watched(tuning)]
        for tuning in watched:
            with self._lock(tuning.arn):
                if _stops_early(tuning):
                    self._runs.stop_early(tuning)
            self._advance(tuning.arn)
        return bool(watched)

    def recover(self) -> None:
        """After a restart, once jobs are recovered: take up every tuning job that has not ended."""
        for tuning in self._store.unfinished():
            with self._lock(tuning.arn):
                self._runs.resume(tuning)
            self._advance(tuning.arn)
        self._tools.wake()

    def _round(self, arn: str) -> tuple[bool, Tuning | None]:
        """One decision: whether there may be more to decide, and the tuning job if it has ended by it."""
        tuning = self._store.get(arn)
        if tuning is None or tuning.status in lifecycle.FINAL:
            return False, None
        definitions = definitions_of(tuning.request)
        trials = self._store.trials(arn)
        decision = decide(tuning, definitions, trials, self._tools.clock.now())
        if decision.closing != tuning.closing:
            tuning = self._write(replace(tuning, closing=decision.closing))
        if decision.end is not None:
            ended = replace(tuning, ended=self._tools.clock.now(), failure_reason=decision.reason)
            return False, self._move(ended, decision.end)
        for trial in decision.stop:
            self._runs.stop(trial)
        if decision.start:
            self._start(tuning, definitions, trials, decision.start)
        return bool(decision.stop or decision.start), None

    def _start(
        self, tuning: Tuning, definitions: Sequence[Definition], trials: Sequence[Trial], count: int
    ) -> None:
        """Name new trials, and then submit them."""
        inherited = self._inherited(tuning, definitions)
        known = list(trials)
        for _ in range(count):
            index, values = propose(tuning, definitions, known, inherited, self._tools.optimiser)
            number = len(known) + 1
            name = f"{tuning.name}-{number:03d}-{self._tools.ids.token(_SUFFIX)}"
            now = self._tools.clock.now()
            known.append(Trial(tuning.arn, number, name, index, values, "Planned", now))
        new = known[len(trials) :]
        with self._transactions.transaction():
            for trial in new:
                self._store.put_trial(trial)
        for trial in new:
            self._runs.submit(tuning, definitions[trial.definition], trial)

    def _move(self, tuning: Tuning, event: str) -> Tuning:
        with self._transactions.transaction():
            moved = self._write(replace(tuning, status=lifecycle.next_status(tuning.status, event)))
            self.changes.changed(moved)
        return moved

    def _write(self, tuning: Tuning) -> Tuning:
        written = replace(tuning, modified=self._tools.clock.now())
        with self._transactions.transaction():
            self._store.update(written)
        return written

    def _job_ended(self, job: Job) -> None:
        arn = job.request.get("TuningJobArn")
        if arn is None:
            return
        with self._lock(arn):
            tuning = self._store.get(arn)
            if tuning is None:
                return
            self._runs.record(tuning, job)
        self._advance(arn)

    def _parents(self, account: str, region: str, request: Mapping[str, Any]) -> Sequence[Tuning]:
        return [self.find(account, region, name) for name in requests.parents_of(request)]

    def _inherited(self, tuning: Tuning, definitions: Sequence[Definition]) -> Sequence[Seen]:
        """What the parents of a warm start saw, as far as it lies in this space; deleted parents give nothing."""
        seen: Sequence[Seen] = ()
        for name in requests.parents_of(tuning.request):
            trials = self._store.trials(arn_of(tuning.account, tuning.region, name))
            seen = (*seen, *seen_of(definitions[0], trials))
        return seen

    def _seed(self, request: Mapping[str, Any]) -> int:
        given = request["HyperParameterTuningJobConfig"].get("RandomSeed")
        return int(given) % _SEEDS if given is not None else zlib.crc32(self._tools.ids.uuid().encode())

    def _lock(self, arn: str) -> threading.RLock:
        """A lock per tuning job, out of a fixed number: two may share one, which only makes them wait."""
        return self._locks[hash(arn) % len(self._locks)]


def _stops_early(tuning: Tuning) -> bool:
    return stops_early(tuning) and not tuning.closing


def _is_watched(tuning: Tuning) -> bool:
    limits = tuning.request["HyperParameterTuningJobConfig"]["ResourceLimits"]
    return stops_early(tuning) or "MaxRuntimeInSeconds" in limits

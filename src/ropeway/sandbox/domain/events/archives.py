"""Archives keep the events of a bus; a replay gives them to the bus again.

An event is archived in the transaction that takes it, unless it is itself a replay's. A replay puts its events in the
order in which they came, in one transaction: it is over when it was started. They carry ``replay-name``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.events.buses import Buses
from ropeway.sandbox.domain.events.patterns import Pattern, compile_pattern
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Archive", "ArchiveStore", "Archives", "Replay"]

_DAY = 86_400


@dataclass(frozen=True)
class Archive:
    """An archive.

    Attributes:
        bus_arn: the bus whose events it keeps.
        created: epoch seconds.
        document: Description, EventPattern, RetentionDays, KmsKeyIdentifier.
    """

    account: str
    region: str
    name: str
    bus_arn: str
    created: float
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The archive's ARN."""
        return str(Arn("events", self.region, self.account, f"archive/{self.name}"))


@dataclass(frozen=True)
class Replay:
    """A replay that is over; ``document`` has the members of its description, times as epoch seconds."""

    account: str
    region: str
    name: str
    created: float
    document: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The replay's ARN."""
        return str(Arn("events", self.region, self.account, f"replay/{self.name}"))


class ArchiveStore(Protocol):
    """Keeps archives; takes part in the caller's transaction."""

    def get(self, arn: str) -> Archive | None:
        """An archive, or None."""

    def put(self, archive: Archive) -> None:
        """Keep an archive, new or changed."""

    def delete(self, arn: str) -> None:
        """Forget an archive and what is in it."""

    def of_bus(self, bus_arn: str) -> Sequence[Archive]:
        """The archives of a bus."""

    def list(self, account: str, region: str) -> Sequence[Archive]:
        """The archives of an account and region by name."""

    def keep(self, arn: str, time: float, event: Mapping[str, Any], oldest: float) -> None:
        """Put an event into an archive, and drop those that came before ``oldest``."""

    def size(self, arn: str) -> tuple[int, int]:
        """How many events are in an archive, and how many bytes."""

    def events(self, arn: str, start: float, end: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """What came into an archive within a time, in order, each with its moment."""

    def replay(self, arn: str) -> Replay | None:
        """A replay, or None."""

    def put_replay(self, replay: Replay) -> None:
        """Keep a replay."""

    def replays(self, account: str, region: str) -> Sequence[Replay]:
        """The replays of an account and region by name."""


class Archives:
    """The archives and replays of all accounts; keeps what the sink is given."""

    def __init__(
        self, store: ArchiveStore, transactions: Transactions, clock: Clock, parts: tuple[Buses, EventSink]
    ) -> None:
        self.store = store
        self._transactions = transactions
        self._clock = clock
        self._buses, self._sink = parts
        self._compiled: dict[str, list[tuple[Archive, Pattern | None]]] = {}
        self._changes = 0

    def listens(self, bus_arn: str) -> bool:
        """Whether any archive keeps what a bus is given."""
        return bool(self._of(bus_arn))

    def keep(self, bus_arn: str, event: Mapping[str, Any]) -> None:
        """Keep an event in the archives that want it, in the caller's transaction."""
        if "replay-name" in event:
            return
        now = self._clock.now()
        for archive, matches in self._of(bus_arn):
            if matches is None or matches(event):
                days = archive.document.get("RetentionDays", 0)
                self.store.keep(archive.arn, now, event, now - days * _DAY if days else 0.0)

    def create(self, account: str, region: str, request: Mapping[str, Any]) -> Archive:
        """Make an archive by CreateArchive's input.

        Raises:
            DomainError: the name is taken, the bus is not there, or the pattern is none.
        """
        bus = self._buses.find(request["EventSourceArn"], account, region)
        if bus.account != account:
            raise Invalid(
                "Parameter EventSourceArn is not valid. Reason: Cross-account archives are not supported."
            )
        archive = Archive(
            account, region, request["ArchiveName"], bus.arn, self._clock.now(), _document(request)
        )
        with self._transactions.transaction():
            if self.store.get(archive.arn) is not None:
                text = f"Archive {archive.name} already exists."
                raise DomainError(text, code="ResourceAlreadyExistsException", status=400)
            self._write(archive)
        self._forget(archive)
        return archive

    def update(self, account: str, region: str, request: Mapping[str, Any]) -> Archive:
        """Change an archive by UpdateArchive's input.

        Raises:
            DomainError: it is not there, or the pattern is none.
        """
        with self._transactions.transaction():
            archive = self.find(request["ArchiveName"], account, region)
            changed = replace(archive, document={**archive.document, **_document(request)})
            self._write(changed)
        self._forget(changed)
        return changed

    def find(self, name: str, account: str, region: str) -> Archive:
        """An archive.

        Raises:
            DomainError: there is none.
        """
        found = self.store.get(Archive(account, region, name, "", 0.0).arn)
        if found is None:
            raise _missing(f"Archive {name} does not exist.")
        return found

    def delete(self, name: str, account: str, region: str) -> None:
        """Forget an archive.

        Raises:
            DomainError: there is none.
        """
        with self._transactions.transaction():
            archive = self.find(name, account, region)
            self.store.delete(archive.arn)
        self._forget(archive)

    def start(self, account: str, region: str, request: Mapping[str, Any]) -> Replay:
        """Give a bus events of an archive again, by StartReplay's input with times as epoch seconds.

        Raises:
            DomainError: the name is taken, the archive is not there, or the destination is another bus.
        """
        start, end = request["EventStartTime"], request["EventEndTime"]
        destination = request["Destination"]
        if start >= end:
            raise Invalid(
                "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
            )
        with self._transactions.transaction():
            archive = self.store.get(request["EventSourceArn"])
            if archive is None:
                raise _missing(f"Archive {request['EventSourceArn']} does not exist.")
            if destination["Arn"] != archive.bus_arn:
                raise Invalid(
                    "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
                )
            now, name = self._clock.now(), request["ReplayName"]
            document = {key: value for key, value in request.items() if key != "ReplayName"}
            replay = Replay(account, region, name, now, {**document, "EventLastReplayedTime": now})
            if self.store.replay(replay.arn) is not None:
                text = f"Replay {name} already exists."
                raise DomainError(text, code="ResourceAlreadyExistsException", status=400)
            only = frozenset(destination.get("FilterArns", ()))
            for _, event in self.store.events(archive.arn, start, end):
                self._sink.put(archive.bus_arn, {**event, "replay-name": name}, only=only)
            self.store.put_replay(replay)
        return replay

    def replayed(self, name: str, account: str, region: str) -> Replay:
        """A replay.

        Raises:
            DomainError: there is none.
        """
        found = self.store.replay(Replay(account, region, name, 0.0, {}).arn)
        if found is None:
            raise _missing(f"Replay {name} does not exist.")
        return found

    def _write(self, archive: Archive) -> None:
        if archive.document.get("EventPattern"):
            compile_pattern(archive.document["EventPattern"])
        self.store.put(archive)

    def _forget(self, archive: Archive) -> None:
        """Read a bus's archives anew, after the transaction that changed them."""
        self._changes += 1
        self._compiled.pop(archive.bus_arn, None)

    def _of(self, bus_arn: str) -> list[tuple[Archive, Pattern | None]]:
        found = self._compiled.get(bus_arn)
        if found is None:
            changes = self._changes
            found = [
                (
                    archive,
                    compile_pattern(pattern) if (pattern := archive.document.get("EventPattern")) else None,
                )
                for archive in self.store.of_bus(bus_arn)
            ]
            if changes == self._changes:
                self._compiled[bus_arn] = found
        return found


def _document(request: Mapping[str, Any]) -> dict[str, Any]:
    wanted = ("Description", "EventPattern", "RetentionDays", "KmsKeyIdentifier")
    return {name: request[name] for name in wanted if name in request}


def _missing(text: str) -> DomainError:
    return DomainError(text, code="ResourceNotFoundException", status=400)

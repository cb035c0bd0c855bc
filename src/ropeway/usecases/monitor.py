"""Drift of local files and S3 objects: baselines, checks, reports, replays.

What lies in S3 is brought into a folder first. A baseline is a folder with ``statistics.json`` and
``constraints.json``, its address in S3, or data, whose baseline is then made on the spot.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ropeway.drift.checks import check as compare
from ropeway.drift.constraints import Constraints, dump_constraints, read_constraints, suggest
from ropeway.drift.faults import DriftError
from ropeway.drift.findings import Result, dump_violations
from ropeway.drift.policy import Policy
from ropeway.drift.policyfile import read_policy
from ropeway.drift.profiling import profile_files
from ropeway.drift.reading import Format, files_of
from ropeway.drift.report import render
from ropeway.drift.statisticsfile import dump_statistics, read_statistics, write_document
from ropeway.drift.summaries import Profile
from ropeway.errors import GateError, UsageError

__all__ = ["Checked", "Made", "Replay", "Store", "Window", "baseline", "check", "gate", "replay"]

_STATISTICS, _CONSTRAINTS, _VIOLATIONS = "statistics.json", "constraints.json", "constraint_violations.json"


class Store(Protocol):
    """What is asked of S3."""

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """The keys of all objects below a prefix."""

    def download(self, bucket: str, key: str, target: Path) -> None:
        """Write an object to a file."""

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object."""


@dataclass(frozen=True)
class Made:
    """A baseline that was made.

    Attributes:
        files: where its files are.
    """

    rows: int
    profile: Profile
    constraints: Constraints
    files: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """A check that was made.

    Attributes:
        files: what was written.
        unused: what the policy says of columns that neither side has.
    """

    result: Result
    files: tuple[str, ...]
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """One window of a replay.

    Attributes:
        violations: as ``column: check``.
        alarm: the policy's windows say so: enough of the last ones are in violation.
    """

    name: str
    rows: int
    violations: tuple[str, ...]
    alarm: bool


@dataclass(frozen=True)
class Replay:
    """A history that was run through a policy."""

    windows: tuple[Window, ...]

    @property
    def violated(self) -> int:
        """How many windows break it."""
        return sum(1 for window in self.windows if window.violations)

    @property
    def alarms(self) -> int:
        """How many windows would have raised an alarm."""
        return sum(1 for window in self.windows if window.alarm)


@dataclass(frozen=True)
class Place:
    """Where files come from and go to: this machine, and S3 when it is named.

    Attributes:
        store: gives S3, which is asked for only when an address needs it.
        folder: what is brought from S3 lies here.
    """

    store: Callable[[], Store]
    folder: Path

    def brought(self, sources: Sequence[str]) -> list[Path]:
        """The files of addresses, on this machine."""
        return [self._fetch(source, number) for number, source in enumerate(sources)]

    def write(self, target: str, name: str, document: dict[str, object]) -> str:
        """Write a JSON document to a folder."""
        if not target.startswith("s3://"):
            with _written(target):
                write_document(Path(target) / name, document)
            return str(Path(target) / name)
        local = self.folder / "written" / name
        write_document(local, document)
        return self.put(f"{target.rstrip('/')}/{name}", local.read_bytes())

    def put(self, target: str, content: bytes) -> str:
        """Write a file."""
        if target.startswith("s3://"):
            self.store().put(*_address(target), content)
        else:
            with _written(target):
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                Path(target).write_bytes(content)
        return target

    def _fetch(self, source: str, number: int) -> Path:
        if not source.startswith("s3://"):
            path = Path(source)
            if not path.exists():
                raise UsageError(f"{source}: there is no such file or folder")
            return path
        bucket, prefix = _address(source)
        store = self.store()
        keys = [key for key in store.keys(bucket, prefix) if not key.endswith("/")]
        keys = [
            key for key in keys if key == prefix or not prefix or key.startswith(prefix.rstrip("/") + "/")
        ]
        if not keys:
            raise UsageError(f"{source}: there is no such object, nor one below it")
        root = self.folder / f"{len(list(self.folder.iterdir()))}-{number}"
        for key in keys:
            inner = key[len(prefix) :].lstrip("/") or key.rpartition("/")[2]
            target = root / inner
            if not target.resolve().is_relative_to(root.resolve()):
                raise UsageError(f"s3://{bucket}/{key}: this key leads out of its folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            store.download(bucket, key, target)
        return root / keys[0].rpartition("/")[2] if keys == [prefix] else root


@contextmanager
def place(store: Callable[[], Store]) -> Iterator[Place]:
    """A place for one command."""
    with tempfile.TemporaryDirectory(prefix="ropeway-monitor-") as folder:
        yield Place(store, Path(folder))


def baseline(
    at: Place, sources: Sequence[str], form: Format, target: str, merged: Sequence[str] = ()
) -> Made:
    """Make a baseline of data, and of other baselines.

    Args:
        at: where files are.
        sources: data.
        form: how they are written.
        target: the folder that it goes to.
        merged: folders of baselines whose rows belong to it, too.

    Raises:
        UsageError: something cannot be read.
    """
    with _told():
        parts = [profile_files(at.brought(sources), form)] if sources else []
        parts += [read_statistics(path / _STATISTICS) for path in at.brought(merged)]
        if not parts:
            raise UsageError("there is nothing to make a baseline of", hint="name data, or --merge baselines")
        for part in parts:
            for column in part.columns.values():
                column.declared = None
        profile = Profile.merged(parts)
        constraints = suggest(profile)
        files = (
            at.write(target, _STATISTICS, dump_statistics(profile)),
            at.write(target, _CONSTRAINTS, dump_constraints(constraints)),
        )
    return Made(profile.rows, profile, constraints, files)


def check(
    at: Place,
    sources: Sequence[str],
    form: Format,
    against: Against,
    *,
    results: str | None,
    report: str | None,
) -> Checked:
    """Compare data with a baseline.

    Args:
        at: where files are.
        sources: the data.
        form: how they are written.
        against: the baseline and the policy.
        results: the folder for statistics, constraints and violations, in Model Monitor's formats.
        report: the HTML file.

    Raises:
        UsageError: something cannot be read.
    """
    with _told():
        judge = _judge(at, form, against)
        data = profile_files(at.brought(sources), judge.form)
        result = compare(data, judge.baseline, judge.constraints, judge.policy)
        files = []
        if results:
            files += [
                at.write(results, _STATISTICS, dump_statistics(data)),
                at.write(results, _CONSTRAINTS, dump_constraints(suggest(data))),
                at.write(results, _VIOLATIONS, dump_violations(result.violations)),
            ]
        if report:
            files.append(at.put(report, render(result, ", ".join(sources)).encode()))
    features = (feature.name for feature in judge.constraints.features)
    unused = judge.policy.unused({*features, *judge.baseline.columns, *data.columns})
    return Checked(result, tuple(files), tuple(unused))


def replay(at: Place, windows: Sequence[str], form: Format, against: Against) -> Replay:
    """Run a history through a policy: each file is a window, in the order of their names within a folder.

    Raises:
        UsageError: something cannot be read.
    """
    with _told():
        judge = _judge(at, form, against)
        told: list[Window] = []
        for path in (file for source in at.brought(windows) for file in sorted(files_of(source), key=_day)):
            data = profile_files([path], judge.form)
            found = compare(data, judge.baseline, judge.constraints, judge.policy).violations
            names = tuple(dict.fromkeys(f"{each.column}: {each.check}" for each in found))
            recent = [bool(window.violations) for window in told[-judge.policy.window + 1 :]]
            recent = recent if judge.policy.window > 1 else []
            alarm = bool(names) and sum(recent) + 1 >= judge.policy.alarm
            told.append(Window(path.name, data.rows, names, alarm))
    return Replay(tuple(told))


def _day(path: Path) -> list[tuple[str, int]]:
    """The order of names in which day 2 comes before day 10."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", path.as_posix())]


def gate(checked: Checked) -> None:
    """Stop where there are violations.

    Raises:
        GateError: there are.
    """
    found = checked.result.violations
    if found:
        columns = list(dict.fromkeys(each.column or "the table" for each in found))
        count = f"{len(found)} violation{'s' if len(found) > 1 else ''}"
        raise GateError(f"{count} in {', '.join(columns)}")


@dataclass(frozen=True)
class Against:
    """What data are judged by: the addresses of a baseline and, perhaps, of a policy."""

    baseline: str
    policy: str | None = None


@dataclass(frozen=True)
class _Judge:
    baseline: Profile
    constraints: Constraints
    policy: Policy
    form: Format


def _judge(at: Place, form: Format, against: Against) -> _Judge:
    policy = read_policy(at.brought([against.policy])[0]) if against.policy else Policy()
    if policy.missing is not None:
        form = replace(form, missing=policy.missing)
    (path,) = at.brought([against.baseline])
    files = path / _STATISTICS, path / _CONSTRAINTS
    if path.name in {_STATISTICS, _CONSTRAINTS}:
        raise UsageError(f"{against.baseline}: this is a part of a baseline", hint="name its folder")
    if not any(file.is_file() for file in files):
        profile = profile_files([path], form)
        constraints = suggest(profile)
    else:
        profile = read_statistics(files[0]) if files[0].is_file() else Profile()
        constraints = read_constraints(files[1]) if files[1].is_file() else suggest(profile)
    return _Judge(profile, constraints, policy, replace(form, texts=constraints.texts))


def _address(uri: str) -> tuple[str, str]:
    bucket, _, key = uri[len("s3://") :].partition("/")
    if not bucket:
        raise UsageError(f"{uri}: this is no address in S3", hint="write s3://bucket/key")
    return bucket, key


@contextmanager
def _written(target: str) -> Iterator[None]:
    """What the system says of a place that cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{target}: this cannot be written: {error.strerror}") from error


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the drift package as the command line's."""
    try:
        yield
    except DriftError as error:
        raise UsageError(str(error), hint=error.hint) from error
    except OSError as error:
        raise UsageError(f"{error.filename or 'the data'}: {error.strerror or error}") from error


def shown(value: float | None) -> str:
    """A figure for a table."""
    return "-" if value is None or math.isnan(value) else f"{value:.3g}"

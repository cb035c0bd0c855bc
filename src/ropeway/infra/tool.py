"""One root's Terraform: init, plan, apply, unlock; with errors that say where, what, and what to do."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.infra.diagnostics import Diagnostic, advice, from_text
from ropeway.infra.failures import InfraError
from ropeway.infra.process import Ended, run
from ropeway.infra.program import Program
from ropeway.infra.roots import Root
from ropeway.infra.stream import Reading
from ropeway.infra.working import Workplace

__all__ = ["MODES", "Tool"]

# What a plan is for, and the arguments that say so.
MODES: dict[str, tuple[str, ...]] = {"apply": (), "destroy": ("-destroy",), "drift": ()}
_CHANGES = 2
_TOLD = 12

Watch = Callable[[str, Reading, str | None], None]


@dataclass(frozen=True)
class Tool:
    """Terraform in one root's folder.

    Attributes:
        env: the environment of its processes, credentials included.
        watch: hears of every line: the phase, the reading so far, and what to tell a person.
        stop: set to interrupt what runs.
        shared: a folder that all roots have in common, for the guard of the plugin cache.
        parallelism: how many resources at the same time.
    """

    program: Program
    root: Root
    place: Workplace
    env: Mapping[str, str]
    watch: Watch
    stop: threading.Event
    shared: Path
    parallelism: int = 20

    def init(self) -> None:
        """Make the folder ready, unless it is.

        Raises:
            InfraError: a provider is missing, or the state cannot be reached.
        """
        marker = self.place.folder / "init"
        wanted = self._init_digest()
        ready = (self.place.code / ".terraform").is_dir() and marker.is_file()
        if ready and marker.read_text(encoding="utf-8") == wanted:
            return
        marker.unlink(missing_ok=True)
        self.watch("init", Reading(), None)
        said: list[str] = []
        with self._guard():
            ended = self._run("init", ["-reconfigure", "-no-color"], said.append)
        if ended.code:
            found = from_text("\n".join([*said, ended.errors]))
            raise self._failed("init", found, ended)
        marker.write_text(self._init_digest(), encoding="utf-8")

    def plan(self, mode: str, file: Path, *, lock: bool) -> Reading:
        """Plan; whether there is something is what the reading says.

        Args:
            mode: a key of ``MODES``.
            file: where the plan goes.
            lock: whether to take the state's lock, which a role that only reads cannot.

        Raises:
            InfraError: with everything that Terraform complains of.
        """
        told = [
            *MODES[mode],
            f"-out={file}",
            f"-lock={str(lock).lower()}",
            f"-parallelism={self.parallelism}",
        ]
        return self._stream("plan", ["-detailed-exitcode", *told])

    def apply(self, file: Path) -> Reading:
        """Apply a plan file, and nothing else.

        Raises:
            InfraError: with everything that Terraform complains of.
        """
        return self._stream("apply", [f"-parallelism={self.parallelism}", str(file)])

    def show(self, file: Path) -> dict[str, Any]:
        """A plan file as a document.

        Raises:
            InfraError: it cannot be read.
        """
        said: list[str] = []
        ended = self._run("show", ["-json", str(file)], said.append)
        (self.place.log / "show.log").unlink(missing_ok=True)  # it holds the whole state
        if ended.code:
            raise self._failed("show", from_text(ended.errors), ended)
        found: dict[str, Any] = json.loads("\n".join(said))
        return found

    def unlock(self, lock: str) -> None:
        """Take a lock away.

        Raises:
            InfraError: it is not there, or another one is.
        """
        said: list[str] = []
        ended = self._run("force-unlock", ["-force", "-no-color", lock], said.append)
        if ended.code:
            raise self._failed("unlock", from_text("\n".join([*said, ended.errors])), ended)

    def _stream(self, verb: str, arguments: list[str]) -> Reading:
        reading = Reading()
        self.watch(verb, reading, None)

        def take(line: str) -> None:
            self.watch(verb, reading, reading.feed(line))

        ended = self._run(verb, ["-json", *arguments], take)
        if ended.interrupted and ended.code:
            raise InfraError([*self._interrupted(verb), *self._told(reading.errors)])
        if ended.code not in {0, _CHANGES if verb == "plan" else 0}:
            raise self._failed(verb, reading.errors, ended)
        return reading

    def _run(self, verb: str, arguments: list[str], tell: Callable[[str], None]) -> Ended:
        given = [] if verb in {"force-unlock", "show"} else ["-input=false"]
        return run(
            [*self.program.command, verb, *given, *arguments],
            folder=self.place.code,
            env=self.env,
            log=self.place.log / f"{verb}.log",
            tell=tell,
            stop=self.stop,
        )

    def _interrupted(self, verb: str) -> list[tuple[str, str | None]]:
        went_on = (
            "what it had begun is finished and in the state" if verb == "apply" else "nothing was changed"
        )
        return [(f"{self.root.name}: interrupted: {went_on}", "run the command again to go on")]

    def _failed(self, verb: str, found: list[Diagnostic], ended: Ended) -> InfraError:
        if ended.interrupted:
            return InfraError(self._interrupted(verb))
        if found:
            return InfraError(self._told(found))
        how = f"was killed by signal {-ended.code}" if ended.code < 0 else f"ended with {ended.code}"
        said = " ".join(ended.errors.split())
        message = f"{self.root.name}: {self.program.product} {how}"
        hint = (
            "run the command again: it goes on where this one ended; a lock that is left is told, with how to unlock"
            if ended.code < 0
            else f"what it said is in {self.place.log}"
        )
        return InfraError([(f"{message}: {said}" if said else message, hint)])

    def _told(self, found: list[Diagnostic]) -> list[tuple[str, str | None]]:
        site = self.root.site
        messages: dict[str, str | None] = {}
        for each in found:
            hint = advice(f"{each.summary} {each.detail}", site.unit_name, site.environment_name)
            messages.setdefault(f"{self.root.name}: {each.message}", hint)
        told = list(messages.items())
        if len(told) > _TOLD:
            more = (f"{self.root.name}: and {len(told) - _TOLD} more", f"all are in {self.place.log}")
            told = [*told[:_TOLD], more]
        return told

    def _init_digest(self) -> str:
        words = (*self.program.command, self.program.version, self.place.stack_digest, self.place.lock_digest)
        return hashlib.sha256("\0".join(words).encode()).hexdigest()

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """One init at a time, of all processes, where there is a plugin cache: it takes no two writers."""
        if not self._has_cache():
            yield
            return
        self.shared.mkdir(parents=True, exist_ok=True)
        with (self.shared / "init.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _has_cache(self) -> bool:
        if "TF_PLUGIN_CACHE_DIR" in self.env:
            return True
        file = Path(self.env.get("TF_CLI_CONFIG_FILE", ""))
        return file.is_file() and "plugin_cache_dir" in file.read_text(encoding="utf-8")

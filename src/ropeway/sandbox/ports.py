"""Which port a sandbox listens on.

A port that was asked for is taken or refused: the option's, else that of ``ROPEWAY_SANDBOX_PORT``. Where none was
asked for, each start tries the port that this state folder had last time (a shell or a Terraform state may still
name it), then the usual one, and then takes a free one. The file ``port`` of the state folder keeps the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ropeway.errors import SandboxError, UsageError

__all__ = ["DEFAULT_PORT", "VARIABLE", "PortTakenError", "Ports", "keep", "ports"]

DEFAULT_PORT = 4566
VARIABLE = "ROPEWAY_SANDBOX_PORT"
_HIGHEST = 65535
_FILE = "port"
_HINT = "another program listens there; stop it, or choose a port: ropeway sandbox start --port PORT"


class PortTakenError(SandboxError):
    """Another program has the port, or only root may have it: another port may do."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint or _HINT)


@dataclass(frozen=True)
class Ports:
    """What to try.

    Attributes:
        tried: ports in the order in which they are tried; 0 stands for a free one.
        hint: what to do when the last cannot be had, where that is special.
    """

    tried: tuple[int, ...]
    hint: str | None = None


def ports(option: int | None, environ: Mapping[str, str], state: Path) -> Ports:
    """The ports to try for a state folder.

    Args:
        option: what the command line asks for, if it does.
        environ: the environment's variables.
        state: the folder of the sandbox's state.

    Raises:
        UsageError: one of them is no port.
    """
    if option is not None:
        if not 0 <= option <= _HIGHEST:
            raise UsageError(f"--port is {option}", hint=f"choose a port from 0 (a free one) to {_HIGHEST}")
        return Ports((option,))
    if wanted := environ.get(VARIABLE):
        found = _port(wanted)
        if found is None:
            raise UsageError(
                f"{VARIABLE} is {wanted!r}",
                hint=f"set it to a port from 0 (a free one) to {_HIGHEST}, or unset it",
            )
        if found == 0:  # the same one as last time will do
            return Ports(tuple(dict.fromkeys((_last(state) or 0, 0))))
        hint = f"another program listens there; stop it, set {VARIABLE} to another port, or unset it"
        return Ports((found,), hint)
    last = _last(state)
    return Ports(tuple(dict.fromkeys((*([last] if last else []), DEFAULT_PORT, 0))))


def keep(state: Path, port: int) -> None:
    """Have the next start prefer this port."""
    (state / _FILE).write_text(f"{port}\n", encoding="ascii")


def _last(state: Path) -> int | None:
    try:
        return _port((state / _FILE).read_text(encoding="ascii").strip())
    except (OSError, ValueError):  # the first start, or nothing that a start wrote
        return None


def _port(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_HIGHEST))):
        return None
    return found if (found := int(text)) <= _HIGHEST else None

"""What the kernel tells of processes, by /proc; standard library only: the spawner uses it.

A system without /proc has no such table: nothing is found there.
"""

from __future__ import annotations

import contextlib
import os
import signal

__all__ = ["children", "environment", "kill_strays", "start_time"]


def start_time(pid: int) -> str:
    """When a process began, in the kernel's ticks: with its id it names the process for good; "" when gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def children() -> list[int]:
    """The processes whose parent this one is."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as listed:
            return [int(pid) for pid in listed.read().split()]
    except OSError:
        return []


def environment(pid: int) -> list[bytes]:
    """The variables that a process was started with, ``NAME=value``; none of one that is gone or another user's."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as variables:
            return variables.read().split(b"\0")
    except OSError:
        return []


def kill_strays(mark: str) -> None:
    """Kill every process of this machine that has a variable, ``NAME=value``, but not this one."""
    wanted, own = mark.encode(), os.getpid()
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if entry.isdigit() and int(entry) != own and wanted in environment(int(entry)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry), signal.SIGKILL)

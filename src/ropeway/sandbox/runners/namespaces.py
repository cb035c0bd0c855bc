"""Gives the calling process its own ``/opt/ml``: the rungs of the isolation ladder that the kernel climbs.

Runs in a freshly forked child of the spawner, before exec, so it is standard library only and keeps no state.

- ``mount``: a private mount namespace, as root (or with CAP_SYS_ADMIN).
- ``user``: a user and a mount namespace; the process keeps its user and group ids.

In the namespace ``<folder>/ml`` is bound to ``/opt/ml``. When ``<folder>/inputs`` exists, ``/opt/ml`` is an overlay
of both instead: inputs below, ``ml`` on top. What the process reads may then be hard links into the object
store: a write goes to ``ml``, never through the link. A host without ``/opt/ml`` is not touched: ``/opt`` becomes
a tmpfs with the old children bound back, in the namespace only.
"""

from __future__ import annotations

import ctypes
import os
import stat
from contextlib import suppress

__all__ = ["enter"]

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000
_ML = "/opt/ml"
_libc = ctypes.CDLL(None, use_errno=True)


def enter(mode: str, folder: str) -> None:
    """Unshare and mount; the process then sees the folder's tree as ``/opt/ml``.

    Args:
        mode: ``mount`` or ``user``.
        folder: the job's host folder, with ``ml`` and perhaps ``inputs`` in it.

    Raises:
        OSError: the kernel refused a step; the process may be half way and must end.
    """
    if mode == "user":
        _unshare_user()
    else:
        _check(_libc.unshare(_CLONE_NEWNS), "unshare")
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE, None)
    # Held before /opt changes: the folder may live below it.
    os.chdir(folder)
    if not os.path.isdir(_ML):
        _make_opt_ml()
    if os.path.isdir("inputs"):
        os.makedirs("overlay", exist_ok=True)
        options = "lowerdir=inputs,upperdir=ml,workdir=overlay"
        # In a user namespace the kernel allows only user.* attributes.
        _mount("overlay", _ML, "overlay", 0, options + (",userxattr" if mode == "user" else ""))
    else:
        _mount("ml", _ML, None, _MS_BIND | _MS_REC, None)


def _unshare_user() -> None:
    uid, gid = os.getuid(), os.getgid()
    _check(_libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS), "unshare")
    with suppress(FileNotFoundError):
        _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def _make_opt_ml() -> None:
    children = []
    for entry in sorted(os.scandir("/opt"), key=lambda entry: entry.name):
        link = os.readlink(entry.path) if entry.is_symlink() else None
        flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
        children.append((entry.path, link, os.open(entry.path, flags)))
    _mount("tmpfs", "/opt", "tmpfs", 0, "mode=755")
    for path, link, held in children:
        if link is not None:
            os.symlink(link, path)
        else:
            _bind_back(held, path)
        os.close(held)
    os.mkdir(_ML)


def _bind_back(held: int, path: str) -> None:
    if stat.S_ISDIR(os.fstat(held).st_mode):
        os.mkdir(path)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(f"/proc/self/fd/{held}", path, None, _MS_BIND | _MS_REC, None)


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    result = _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    _check(result, f"mount {kind or source or 'private'} on {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode("ascii"))
    finally:
        os.close(handle)

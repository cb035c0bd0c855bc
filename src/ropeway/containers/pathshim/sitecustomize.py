"""Maps ``/opt/ml`` to ``ROPEWAY_ML`` in Python's file calls, where a job cannot have an ``/opt/ml`` of its own.

The last rung of the isolation ladder puts this folder on ``PYTHONPATH``, so that every Python of the job imports it
at its start. It wraps ``open`` and the functions of ``os`` that take paths, on which pathlib, shutil, glob and
tarfile rest.

What it cannot do: paths that compiled code opens by itself (XGBoost's ``Booster.save_model``, Arrow, HDF5), programs
that are not Python, and ``/opt/ml`` written inside shell scripts. A script that takes its paths from ``SM_*``
variables, ``SAGEMAKER_BASE_DIR`` or its arguments needs none of this: those are mapped before it starts.
"""

import builtins
import functools
import io
import os
import runpy
import sys
from collections.abc import Callable
from typing import Any

_ML = "/opt/ml"
_CHANGES = (
    "chdir",
    "chmod",
    "chown",
    "lchown",
    "mkdir",
    "mkfifo",
    "remove",
    "rmdir",
    "truncate",
    "unlink",
    "utime",
)
_LOOKS = ("access", "listdir", "lstat", "open", "readlink", "scandir", "stat", "statvfs", "walk")
_ONE = (*_CHANGES, *_LOOKS)
_TWO = ["link", "rename", "replace", "symlink"]


def _mapped(path: Any) -> Any:
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if isinstance(text, bytes):
        return os.fsencode(_mapped(os.fsdecode(text)))
    if isinstance(text, str) and (text == _ML or text.startswith(_ML + "/")):
        return os.environ["ROPEWAY_ML"] + text[len(_ML) :]
    return path


def _wrap(function: Callable[..., Any], paths: int) -> Callable[..., Any]:
    @functools.wraps(function)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        head = [_mapped(argument) for argument in args[:paths]]
        named = {
            name: _mapped(value) if name in {"path", "src", "dst", "file"} else value
            for name, value in kwargs.items()
        }
        return function(*head, *args[paths:], **named)

    return mapped


def _install() -> None:
    for names, paths in ((_ONE, 1), (_TWO, 2)):
        for name in names:
            if hasattr(os, name):
                function = getattr(os, name)
                replacement = _wrap(function, paths)
                for known in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
                    if function in known:
                        known.add(replacement)
                setattr(os, name, replacement)
    builtins.open = io.open = _wrap(builtins.open, 1)


def _run_the_next() -> None:
    """The interpreter imports one sitecustomize only: the next on the path runs, too."""
    here = os.path.dirname(os.path.abspath(__file__))
    folders = [os.path.abspath(folder) for folder in sys.path]
    for folder in folders[folders.index(here) + 1 :] if here in folders else ():
        other = os.path.join(folder, "sitecustomize.py")
        if folder != here and os.path.isfile(other):
            runpy.run_path(other, run_name="sitecustomize")
            return


if "ROPEWAY_ML" in os.environ:
    _install()
_run_the_next()

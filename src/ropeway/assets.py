"""Where the files are that come with Ropeway besides its code: in a wheel, or in the repository beside it."""

from __future__ import annotations

from pathlib import Path

from ropeway.errors import RopewayError

__all__ = ["examples", "terraform"]

_PACKAGE = Path(__file__).parent


def examples() -> Path:
    """The folder of the example use cases.

    Raises:
        RopewayError: this installation does not have it.
    """
    for folder in (_PACKAGE / "_assets" / "examples", _PACKAGE.parents[1] / "examples"):
        if (folder / "mammography").is_dir():
            return folder
    raise RopewayError("this installation of Ropeway lacks its examples", hint="install it again")


def terraform() -> Path:
    """The folder of the Terraform modules and stacks.

    Raises:
        RopewayError: this installation does not have it.
    """
    for folder in (_PACKAGE / "_assets" / "terraform", _PACKAGE.parents[1] / "terraform"):
        if (folder / "stacks").is_dir():
            return folder
    raise RopewayError("this installation of Ropeway lacks its Terraform stacks", hint="install it again")

"""Groups and commands: loaded when used, with one set of global options, and errors told in one way.

``Root`` knows its subcommands by a table of import paths and one-line helps, so that ``ropeway --help`` imports
none of them. ``Command`` takes the global options too, so they may stand before or after the command's name.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from ropeway.cli.app import App
from ropeway.cli.options import GLOBAL, OUTPUT_ONLY, SANDBOX, VERSION, asked_for_version
from ropeway.errors import RopewayError

__all__ = ["Command", "LocalCommand", "Root", "SandboxCommand"]


# What is wrong with a file or a disk is the reader's to mend, whichever command meets it.
_FILES = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EISDIR}


class Command(click.Command):
    """A command that acts on a target."""

    shared = GLOBAL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(self.shared)


class SandboxCommand(Command):
    """A command about the sandbox itself: it has an account and a region, and no target to choose."""

    shared = SANDBOX


class LocalCommand(Command):
    """A command that reaches no endpoint."""

    shared = OUTPUT_ONLY


class Root(click.Group):
    """The command line's root.

    Args:
        table: import path (``module:attribute``) and one-line help by subcommand.
    """

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.params.extend([*GLOBAL, VERSION])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand, or tell the version: with every option read, whatever their order."""
        if not asked_for_version(ctx):
            return super().invoke(ctx)
        from importlib.metadata import version

        found = {"name": "ropeway", "version": version("ropeway")}
        ctx.ensure_object(App).output.data(found, "{name} {version}".format(**found))
        return 0

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """The subcommands, in the table's order."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click calls it so
        """Import a subcommand."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click calls it so
        """The list of subcommands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run, tell errors, and end the process."""
        extra["standalone_mode"] = False
        app = App()
        try:
            status = super().main(args, *rest, obj=app, **extra)
        except RopewayError as error:
            for message, hint in error.told():
                app.output.error(message, hint)
            status = error.exit_code
        except click.ClickException as error:
            _tell(app, error)
            status = error.exit_code
        except click.Abort:
            app.output.progress("")
            status = 130
        except OSError as error:
            if error.errno in _FILES:
                app.output.error(f"{error.filename or 'a file'}: {error.strerror}")
                sys.exit(1)
            if error.errno != errno.EPIPE:
                raise
            # Whoever read stdout has gone (`| head`): nothing is left to say, and nothing to flush at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = 1
        sys.exit(status if isinstance(status, int) else 0)


def _tell(app: App, error: click.ClickException) -> None:
    """Tell what click refuses, in one line; a group without a command shows its help."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if message.startswith("Usage: "):
        app.output.progress(message)
        return
    path = context.command_path if context else "ropeway"
    app.output.error(" ".join(message.split()), f"{path} --help tells what can be given")

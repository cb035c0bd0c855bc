"""The page of commands: every command with its usage, its help and its options.

``python -m ropeway.cli.reference`` writes ``docs/reference/cli.md``; with ``--check`` it only says whether the page is
current. The layout is ours, not click's, so that the page is the same under every version of click.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ropeway.cli import root
from ropeway.cli.options import GLOBAL, VERSION
from ropeway.cli.output import Output

__all__ = ["PAGE", "commands", "main", "page"]

PAGE = "docs/reference/cli.md"
_HEAD = """\
# Commands

<!-- Written by `python -m ropeway.cli.reference`; a test checks that it is current. -->

Data goes to standard output, progress and errors to standard error. [Exit codes and errors](errors.md) have a page of
their own, and so have [`run-pipeline` and `get-pipeline-definition`](entry-points.md).
"""
_SHARED = "These stand before or after a command's name; a command takes those that mean something to it."
_ALONE = "This one stands alone, as `ropeway --version`."


def commands() -> dict[str, click.Command]:
    """Every command and group below the root, by its path (``ropeway sandbox start``), parents first."""
    return dict(_below("ropeway", root, click.Context(root, info_name="ropeway")))


def _below(path: str, group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _below(
                f"{path} {name}", command, click.Context(command, info_name=name, parent=context)
            )


def page() -> str:
    """The page's text."""
    lines = [_HEAD, "## Options of every command", "", _SHARED, "", *_options(GLOBAL)]
    lines += [_ALONE, "", *_options([VERSION])]
    for path, command in commands().items():
        level = "##" if path.count(" ") == 1 else "###"
        lines += [f"{level} {path}", "", *_body(path, command)]
    return "\n".join(lines).rstrip() + "\n"


def _body(path: str, command: click.Command) -> Iterator[str]:
    if not isinstance(command, click.Group):
        arguments = [_argument(each) for each in command.params if isinstance(each, click.Argument)]
        yield f"```text\n{' '.join([path, '[OPTIONS]', *arguments])}\n```\n"
    yield inspect.cleandoc(command.help or "").replace("\b\n", "")
    yield ""
    own = [each for each in command.params if isinstance(each, click.Option) and each not in GLOBAL]
    yield from _options(own)


def _argument(parameter: click.Argument) -> str:
    name = parameter.metavar or (parameter.name or "").upper()
    text = f"{name}..." if parameter.nargs != 1 and not name.endswith("...") else name
    return text if parameter.required else f"[{text.strip('[]')}]"


def _options(options: list[click.Option]) -> Iterator[str]:
    for option in options:
        names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
        yield f"- {names}{_value(option)}: {option.help}"
    if options:
        yield ""


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return f" `{'|'.join(option.type.choices)}`"
    return f" `{option.metavar or option.type.name.split()[0].upper()}`"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it; the process's exit code."""
    target = Path(__file__).resolve().parents[3] / PAGE
    text = page()
    if "--check" in arguments:
        current = target.is_file() and target.read_text(encoding="utf-8") == text
        if not current:
            Output().error(f"{PAGE} is not current", "run python -m ropeway.cli.reference")
        return int(not current)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""``ropeway pipeline graph``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.pipeline.options import load_source, source_options

if TYPE_CHECKING:
    from ropeway.pipelines.outline import Node

__all__ = ["graph"]


@click.command(cls=Command)
@click.argument("source")
@source_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot"]),
    default="text",
    show_default=True,
    help="A tree, or a drawing for Mermaid or Graphviz.",
)
@pass_app
def graph(app: App, source: str, kwargs: str | None, name: str | None, form: str) -> None:
    """Draw a pipeline's steps and what each waits for."""
    from ropeway.pipelines.outline import outline

    loaded = load_source(app, source, kwargs, name)
    nodes = outline(loaded.definition)
    drawn: dict[str, Callable[[], str]] = {
        "text": lambda: "\n".join([loaded.name, *_text(nodes, "")]),
        "mermaid": lambda: "\n".join(["flowchart TD", *_mermaid(nodes)]),
        "dot": lambda: "\n".join([f'digraph "{loaded.name}" {{', *_dot(nodes), "}"]),
    }
    app.output.data({"pipeline": loaded.name, "steps": nodes}, drawn[form])


def _text(nodes: Sequence[Node], indent: str) -> Iterator[str]:
    for number, node in enumerate(nodes, 1):
        last = number == len(nodes)
        branch = f"{node.branch}: " if node.branch else ""
        after = f"  after {', '.join(node.waits_for)}" if node.waits_for else ""
        yield f"{indent}{'└─' if last else '├─'} {branch}{node.name} ({node.type}){after}"
        yield from _text(node.children, f"{indent}{'   ' if last else '│  '}")


def _edges(nodes: Sequence[Node]) -> Iterator[tuple[str, str, str]]:
    for node in nodes:
        for before in node.waits_for:
            yield before, node.name, ""
        for child in node.children:
            yield node.name, child.name, child.branch
        yield from _edges(node.children)


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _mermaid(nodes: Sequence[Node]) -> Iterator[str]:
    for node in _all(nodes):
        left, right = ("{", "}") if node.type == "Condition" else ("[", "]")
        yield f'  {_id(node.name)}{left}"{node.name}<br/>{node.type}"{right}'
    for before, after, label in _edges(nodes):
        yield f"  {_id(before)} -->{f'|{label}|' if label else ''} {_id(after)}"


def _dot(nodes: Sequence[Node]) -> Iterator[str]:
    for node in _all(nodes):
        shape = "diamond" if node.type == "Condition" else "box"
        yield f'  "{node.name}" [shape={shape}, label="{node.name}\\n{node.type}"];'
    for before, after, label in _edges(nodes):
        labelled = f' [label="{label}"]' if label else ""
        yield f'  "{before}" -> "{after}"{labelled};'


def _id(name: str) -> str:
    # Mermaid takes some words, such as "end", for its own.
    return f"s_{name.replace('-', '_')}"

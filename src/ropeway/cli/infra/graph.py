"""``ropeway infra graph``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, narrowing
from ropeway.cli.lazy import LocalCommand

if TYPE_CHECKING:
    from ropeway.infra.roots import Root

__all__ = ["graph"]


@click.command(cls=LocalCommand)
@narrowing
@click.option("--together", is_flag=True, help="The order that `apply --together` follows.")
@click.option("--mermaid", is_flag=True, help="Draw it as a Mermaid flowchart.")
@pass_app
def graph(app: App, /, mermaid: bool, **given: Any) -> None:
    """Print in which order `apply` goes; nothing is reached."""
    from ropeway.cli.infra.showing import whereabouts

    narrowed = Narrowed(given)
    roots = narrowed.roots(narrowed.platform())
    rows = [
        {"root": root.name, **whereabouts(root), "stack": root.stack, "after": list(root.needs)}
        for root in roots
    ]
    app.output.data({"roots": rows}, text=lambda: _mermaid(roots) if mermaid else _text(roots))


def _text(roots: list[Root]) -> str:
    lines = []
    for root in roots:
        after = f"  after {', '.join(root.needs)}" if root.needs else ""
        lines.append(f"{root.name}  {root.site.account} {root.site.region}{after}")
    return "\n".join(lines)


def _mermaid(roots: list[Root]) -> str:
    ids = {root.name: f"r{number}" for number, root in enumerate(roots)}
    nodes = [f'  {ids[root.name]}["{root.name}<br/>{root.site.account}"]' for root in roots]
    edges = [f"  {ids[name]} --> {ids[root.name]}" for root in roots for name in root.needs]
    return "\n".join(["flowchart LR", *nodes, *edges])

"""Plans as a person reads them, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ropeway.cli.output import plain

if TYPE_CHECKING:
    from ropeway.infra.roots import Root
    from ropeway.usecases.infra import Planned

__all__ = ["as_data", "as_text", "headline", "whereabouts"]

_SIGNS = {
    "create": "+",
    "update": "~",
    "delete": "-",
    "replace": "±",
    "move": ">",
    "import": "<",
    "forget": "x",
}


def headline(planned: Planned) -> str:
    """One line: what a plan would do."""
    name = planned.root.name
    if planned.empty:
        return f"{name}: nothing to change"
    told = planned.summary
    counts = [(told.add, "to add"), (told.change, "to change"), (told.remove, "to destroy")]
    words = [f"{number} {word}" for number, word in counts if number]
    return f"{name}: {', '.join(words) or 'outputs to change'}{', as saved' if planned.saved else ''}"


def as_text(plans: Sequence[Planned]) -> str:
    """Every change of every plan."""
    lines = []
    for planned in plans:
        lines.append(headline(planned))
        for change in planned.changes:
            why = f"  ({change.reason.replace('_', ' ')})" if change.reason else ""
            lines.append(f"  {_SIGNS.get(change.action, '?')} {change.address}{why}")
    return "\n".join(lines)


def as_data(planned: Planned) -> dict[str, Any]:
    """A plan as data."""
    return {
        **whereabouts(planned.root),
        "saved": planned.saved,
        "add": planned.summary.add,
        "change": planned.summary.change,
        "destroy": planned.summary.remove,
        "outputs_change": planned.outputs_change,
        "changes": plain(planned.changes),
    }


def whereabouts(root: Root) -> dict[str, Any]:
    """Which root, and where."""
    site = root.site
    return {
        "unit": site.unit_name,
        "environment": site.environment_name,
        "account": site.account,
        "region": site.region,
    }

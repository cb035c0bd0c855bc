"""``ropeway monitor replay``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.monitor.options import AGAINST, READING, form_of, opened
from ropeway.cli.output import table

if TYPE_CHECKING:
    from ropeway.usecases.monitor import Replay

__all__ = ["replay"]


@click.command(cls=Command)
@click.argument("windows", nargs=-1, required=True)
@AGAINST
@READING
@pass_app
def replay(app: App, /, windows: tuple[str, ...], baseline: str, policy: str | None, **options: Any) -> None:
    """Run a history through a policy: how often would it have raised an alarm?

    Each file of WINDOWS is one batch; those of a folder come in the order of their names.
    """
    from ropeway.usecases import monitor

    form, against = form_of(options), monitor.Against(baseline, policy)
    with opened(app) as place:
        found = monitor.replay(place, windows, form, against)
    counts = {"windows": len(found.windows), "violated": found.violated, "alarms": found.alarms}
    app.output.data({**counts, "history": found.windows}, lambda: _told(found))


def _told(found: Replay) -> str:
    rows = [
        [window.name, str(window.rows), "ALARM" if window.alarm else "", ", ".join(window.violations)]
        for window in found.windows
    ]
    count = len(found.windows)
    share = f"{found.alarms / count:.0%}"
    return "\n".join(
        [
            table(["WINDOW", "ROWS", "ALARM", "VIOLATIONS"], rows),
            "",
            f"{found.violated} of {count} windows in violation, {found.alarms} alarms ({share})",
        ]
    )

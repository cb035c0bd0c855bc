"""``ropeway infra output``."""

from __future__ import annotations

import json
from typing import Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.infra.opening import Narrowed, narrowing, open_sessions
from ropeway.cli.infra.opening import access as access_options
from ropeway.cli.lazy import Command

__all__ = ["output"]


@click.command(cls=Command)
@narrowing
@access_options
@pass_app
def output(app: App, /, **given: Any) -> None:
    """Print what the stacks tell, as JSON: by unit, environment and name. Sensitive values are left out."""
    from ropeway.usecases.infra import outputs

    found: dict[str, dict[str, Any]] = {}
    for root, read in open_sessions(app, Narrowed(given), "plan").values():
        found.setdefault(root.site.unit_name, {})[root.site.environment_name] = outputs(read)
    app.output.data(found, text=lambda: json.dumps(found, indent=2))

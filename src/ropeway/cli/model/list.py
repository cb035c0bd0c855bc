"""``ropeway model list``."""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.output import moment, table

__all__ = ["list_"]


@click.command("list", cls=Command)
@click.argument("group", required=False)
@pass_app
def list_(app: App, group: str | None) -> None:
    """List groups, or a group's versions, the newest first."""
    from ropeway.aws.registry import RegistryClient
    from ropeway.usecases.models import groups_of, versions_of

    registry = RegistryClient.of(app.session)
    if group is None:
        groups = groups_of(registry)
        rows = [(g.name, str(g.versions), g.newest or "-", str(g.approved or "-")) for g in groups]
        app.output.data(groups, table(("GROUP", "VERSIONS", "NEWEST", "APPROVED"), rows))
        return
    versions = versions_of(registry, group)
    lines = [(str(v.version), v.approval, v.status, moment(v.created)) for v in versions]
    app.output.data(versions, table(("VERSION", "APPROVAL", "STATUS", "CREATED"), lines))

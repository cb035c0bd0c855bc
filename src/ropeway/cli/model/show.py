"""``ropeway model show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.output import moment

if TYPE_CHECKING:
    from ropeway.usecases.models import VersionView

__all__ = ["describe", "show"]


@click.command(cls=Command)
@click.argument("model")
@pass_app
def show(app: App, model: str) -> None:
    """Show a version: approval, metrics, where it lies."""
    from ropeway.aws.registry import RegistryClient
    from ropeway.aws.storage import StorageClient
    from ropeway.usecases import models

    version = models.show(RegistryClient.of(app.session), StorageClient.of(app.session), model)
    app.output.data(version, lambda: describe(version))


def describe(version: VersionView) -> str:
    """A version in lines of name and value."""
    pairs = [
        ("model", f"{version.group}/{version.version}"),
        ("approval", version.approval + (f" ({version.reason})" if version.reason else "")),
        ("status", version.status),
        ("created", moment(version.created)),
        ("description", version.description),
        ("image", version.image),
        ("model data", version.model_data),
        *((f"metric {name}", str(value)) for name, value in version.metrics.items()),
        *((f"metadata {name}", value) for name, value in version.metadata.items()),
        ("arn", version.arn),
    ]
    told = [(name, value) for name, value in pairs if value]
    width = max(len(name) for name, _ in told)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in told)

"""What approve and reject share: show the version, ask on a terminal, decide."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from ropeway.cli.app import App
from ropeway.cli.model.show import describe

__all__ = ["decide"]


def decide(app: App, model: str, *, approve: bool, reason: str | None, yes: bool) -> None:
    """Approve or reject the version that a reference means."""
    from ropeway.aws.registry import RegistryClient
    from ropeway.aws.storage import StorageClient
    from ropeway.usecases import models

    registry = RegistryClient.of(app.session)
    version = models.pending(registry, StorageClient.of(app.session), model)
    app.output.progress(describe(version))
    if not yes and sys.stdin.isatty():
        click.confirm(f"{'Approve' if approve else 'Reject'} this version?", abort=True, err=True)
    status = models.decide(registry, version, approve=approve, reason=reason)
    decided = replace(version, approval=status, reason=reason or version.reason)
    app.output.data(decided, f"{version.group}/{version.version} is {status}")

"""``ropeway sandbox env``."""

from __future__ import annotations

import os
import shlex

import click

from ropeway.cli.app import App, misleading, pass_app
from ropeway.cli.lazy import SandboxCommand

__all__ = ["env", "variables"]


@click.command(cls=SandboxCommand)
@pass_app
def env(app: App) -> None:
    """Print shell lines that point any AWS tool at the sandbox: eval "$(ropeway sandbox env)"."""
    found = variables(app)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    unset = " ".join(sorted({"AWS_PROFILE", *misleading()}))
    app.output.data(found, "\n".join([f"unset {unset}", *lines]))


def variables(app: App) -> dict[str, str]:
    """The environment of programs that are to use the sandbox."""
    session = app.sandbox_session(hours=12)
    exempt = [part for part in os.environ.get("NO_PROXY", "").split(",") if part]
    exempt += [host for host in ("127.0.0.1", "localhost") if host not in exempt]
    return {
        **session.environment(),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(exempt),
        "ROPEWAY_SANDBOX_URL": str(session.endpoint),
        # Version 3 of the SageMaker SDK would simulate the role's policies, which the sandbox does not answer.
        "SAGEMAKER_VALIDATE_ROLE": "false",
    }

"""``ropeway sandbox start``."""

from __future__ import annotations

import os

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.cli.sandbox.status import Status

__all__ = ["start"]


@click.command(cls=SandboxCommand)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one. Default: ROPEWAY_SANDBOX_PORT, else the last one, 4566 or a free one.",
)
@click.option(
    "--host", help="Address to bind to (127.0.0.1). Anything else is reachable from other machines."
)
@click.option("--foreground", is_flag=True, help="Stay in the foreground; end with Ctrl-C.")
@pass_app
def start(app: App, port: int | None, host: str | None, foreground: bool) -> None:
    """Start the sandbox in the background and wait until it answers."""
    state = process.state_folder()
    if host not in {None, "127.0.0.1", "::1", "localhost"}:
        app.output.progress(f"warning: {host} is not loopback; other machines can reach this sandbox")
    if foreground and process.awaited(state) is None:
        command = process.child_command(state, host, port)
        os.execv(command[0], command)  # noqa: S606 - this very interpreter
    running = process.start(state, host=host, port=port)
    if running.note:
        app.output.progress(running.note)
    if port and not running.started and not running.endpoint.endswith(f":{port}"):
        app.output.progress(f"warning: it does not move to port {port} while it runs; stop it first")
    app.warn_of_another(running.endpoint)
    verb = "started" if running.started else "is already running"
    app.output.data(
        Status("running", running.endpoint, running.pid, str(state)),
        f"sandbox {verb}: {running.endpoint} (pid {running.pid})\n"
        'use it from any AWS tool: eval "$(ropeway sandbox env)"',
    )

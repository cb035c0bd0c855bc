"""``ropeway sandbox logs``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from ropeway.cli import process
from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import SandboxCommand
from ropeway.errors import UsageError

__all__ = ["logs"]


@click.command(cls=SandboxCommand)
@click.argument("job", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C, or until the job has ended.")
@click.option(
    "-n", "--lines", type=click.IntRange(1), default=200, show_default=True, help="How many to begin with."
)
@pass_app
def logs(app: App, job: str | None, follow: bool, lines: int) -> None:
    """Print the server's log, or a job's."""
    if job is None:
        for line in _tail(process.state_folder() / "server.log", lines, follow):
            app.output.line({"message": line}, line)
        return
    from ropeway.aws.jobs import JobsClient
    from ropeway.usecases.logs import job_lines

    client = JobsClient.of(app.sandbox_session())
    for event in job_lines(client, job, last=lines, follow=follow):
        app.output.line(event, event.message)


def _tail(path: Path, count: int, follow: bool) -> Iterator[str]:
    if not path.is_file():
        raise UsageError(f"there is no log at {path}", hint="ropeway sandbox start writes one")
    with path.open(encoding="utf-8", errors="replace") as source:
        yield from [line.rstrip("\n") for line in source.readlines()[-count:]]
        while follow:
            line = source.readline()
            if line:
                yield line.rstrip("\n")
            else:
                time.sleep(0.1)

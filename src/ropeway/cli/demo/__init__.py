"""``ropeway demo``: the platform and the life of a model on a sandbox of its own, with progress and a summary.

It runs beside a user's sandbox: its state is below ``.ropeway/demo`` and its port a free one. Whatever happens, it
leaves nothing running, unless it is asked to. ``story`` is the whole, ``quick`` the model alone, ``running`` what both
share.
"""

from __future__ import annotations

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import LocalCommand

__all__ = ["demo"]


@click.command(cls=LocalCommand)
@click.option("--quick", is_flag=True, help="Only the model: no platform, no Terraform, one account.")
@click.option("--keep", is_flag=True, help="Leave the sandbox running, to look around in it.")
@pass_app
def demo(app: App, quick: bool, keep: bool) -> None:
    """Provision four accounts and run a model's whole life in them, on a sandbox.

    Terraform makes the platform. Real mammography data is preprocessed, a model is trained, judged, registered and
    approved; then days pass by the sandbox's clock: batches are checked and predicted, bad data is refused, drift
    starts retraining, and the better version takes over. Nothing leaves this machine.
    """
    if quick:
        from ropeway.cli.demo.quick import show
    else:
        from ropeway.cli.demo.story import show
    show(app, keep=keep)

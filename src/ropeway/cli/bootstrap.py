"""``ropeway bootstrap``."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import Command
from ropeway.cli.output import plain, table

if TYPE_CHECKING:
    from ropeway.usecases.bootstrap import Plan, Target

__all__ = ["bootstrap"]

_SIGNS = {"Add": "+", "Modify": "~", "Remove": "-", "Import": "<"}
_PAUSE = 0.2


@click.command(cls=Command)
@click.argument("environment")
@click.option("--unit", help="The unit; needed where there are several.")
@click.option(
    "--file", default="ropeway.yaml", type=click.Path(path_type=Path), help="The platform's description."
)
@click.option(
    "--plan",
    "plan_only",
    is_flag=True,
    help="Only show what would be done; ends with 3 when there is something.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
@click.pass_context
def bootstrap(
    context: click.Context,
    app: App,
    environment: str,
    unit: str | None,
    file: Path,
    plan_only: bool,
    yes: bool,
) -> None:
    """Prepare the account of ENVIRONMENT (or of operations) for Terraform and CI.

    Makes the bucket and the key of Terraform's state, the forge's identity provider unless the account has it, and
    the roles that CI plans and applies with, by one CloudFormation stack. Shows what it would do, and asks; running
    it again changes nothing.
    """
    from ropeway.aws.stacks import AccountClient, StacksClient
    from ropeway.bootstrap import template
    from ropeway.config.load import load
    from ropeway.errors import UsageError
    from ropeway.usecases import bootstrap as usecase

    wanted = usecase.target(load(file), environment, unit)
    _aim(app, wanted)
    if not (plan_only or yes or sys.stdin.isatty()):
        raise UsageError("nobody can be asked", hint="look at the plan with --plan, and give --yes")
    session = app.session
    stacks, account = StacksClient.of(session), AccountClient(session)
    now = datetime.now(timezone.utc)
    pause = session.pause or _PAUSE
    plan = usecase.propose(
        stacks,
        account,
        wanted,
        template(),
        name=f"ropeway-{now:%Y%m%d%H%M%S}",
        wait=lambda: time.sleep(pause),
    )
    app.output.progress(_shown(plan))
    if plan_only or not plan.changes:
        usecase.discard(stacks, plan)
        told = usecase.outputs(stacks, plan.stack)
    else:
        if not (yes or _agreed(wanted)):
            usecase.discard(stacks, plan)
            context.exit(1)
        told = usecase.execute(stacks, plan, tell=app.output.progress, wait=lambda: time.sleep(pause))
    changed = bool(plan.changes) and not plan_only
    if not plan_only:
        usecase.verify(account, wanted, told)
    app.output.data(
        {"stack": plan.stack, "changes": plain(plan.changes), "changed": changed, "outputs": told},
        text=lambda: _next(wanted, told) if told else "nothing was changed",
    )
    if plan_only and plan.changes:
        context.exit(3)


def _aim(app: App, wanted: Target) -> None:
    """Act in the account and the region that the description names, and in no other."""
    from ropeway.errors import UsageError

    site = wanted.site
    if app.account not in {None, site.account}:
        raise UsageError(
            f"--account is {app.account}, and {site.environment_name} of {site.unit_name} is {site.account}",
            hint="leave --account out: ropeway.yaml names the account",
        )
    app.choose("account", site.account)
    app.choose("region", site.region)


def _shown(plan: Plan) -> str:
    if not plan.changes:
        return f"{plan.stack}: nothing to change"
    lines = [f"{plan.stack}: {len(plan.changes)} changes"]
    for change in plan.changes:
        anew = "  made anew" if change.replaces else ""
        lines.append(f"  {_SIGNS.get(change.action, '?')} {change.kind:<24} {change.logical_id}{anew}")
    return "\n".join(lines)


def _agreed(wanted: Target) -> bool:
    try:
        return click.confirm(f"Change account {wanted.site.account}?", err=True)
    except click.Abort:  # no answer is no; the plan is taken back like any other
        return False


def _next(wanted: Target, told: dict[str, str]) -> str:
    """What stands there now, and what is left to do by hand."""
    site, forge = wanted.site, wanted.site.platform.forge
    rows = list(told.items())
    lines = [table(("output", "value"), rows), ""]
    if wanted.parameters["Forge"] == "github":
        reviewers = getattr(site.place, "reviewers", ())
        lines += [
            (
                f"on {forge.organization}/{forge.repository}: make the environment {site.names.deployment!r},"
                f" for the branch {forge.branch!r} only"
            ),
            *([f"  required reviewers: {', '.join(reviewers)}"] if reviewers else []),
        ]
    elif wanted.parameters["Forge"] == "gitlab":
        lines.append(f"on {forge.organization}/{forge.repository}: protect the branch {forge.branch!r}")
    lines += [
        "Terraform's backend, which ropeway writes; by hand:",
        f'  bucket = "{told["StateBucket"]}"  region = "{site.region}"  encrypt = true  use_lockfile = true',
        f'  kms_key_id = "{told["StateKeyArn"]}"',
    ]
    return "\n".join(lines)

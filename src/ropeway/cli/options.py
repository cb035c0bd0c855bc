"""The options that every command takes, before or after its name."""

from __future__ import annotations

from typing import Any

import click

from ropeway.cli.app import App

__all__ = ["ACCOUNTS", "GLOBAL", "OUTPUT_ONLY", "SANDBOX", "VERSION", "asked_for_version"]

# The accounts of a unit, by the names that people use for them on the sandbox.
ACCOUNTS = {
    "dev": "111111111111",
    "preprod": "222222222222",
    "prod": "333333333333",
    "operations": "444444444444",
}


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None:
        ctx.ensure_object(App).choose(str(param.name), value)


def _account(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    number = ACCOUNTS.get(value, value)
    if len(number) != 12 or not number.isdigit():
        raise click.BadParameter(
            f"{value!r} is no account: give twelve digits or one of {', '.join(ACCOUNTS)}"
        )
    _remember(ctx, param, number)


def _option(*names: str, callback: Any = _remember, **settings: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=callback, **settings)


_OUTPUT = _option("--output", type=click.Choice(["text", "json"]), help="How data is written to stdout.")
_ACCOUNT = _option(
    "--account",
    callback=_account,
    metavar="ACCOUNT",
    help="Account number; on the sandbox also dev, preprod, prod, operations.",
)
_REGION = _option("--region", help="Region; AWS_REGION by default, else eu-west-1 on the sandbox.")
_ON = _option(
    "--on",
    type=click.Choice(["sandbox", "aws"]),
    help="Where to act: the sandbox (default, started when needed) or AWS. Also ROPEWAY_TARGET.",
)
_PROFILE = _option("--profile", help="AWS profile, for --on aws.")

_VERSION = "ropeway.version"


def _ask_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001 - click calls it so
    ctx.meta[_VERSION] = value


def asked_for_version(ctx: click.Context) -> bool:
    """Whether the root was given ``--version``."""
    return bool(ctx.meta.get(_VERSION))


VERSION = _option("--version", is_flag=True, callback=_ask_version, help="Print name and version, and end.")
GLOBAL = [_ON, _ACCOUNT, _REGION, _PROFILE, _OUTPUT]
SANDBOX = [_ACCOUNT, _REGION, _OUTPUT]
OUTPUT_ONLY = [_OUTPUT]

"""The options that every command takes, before or after its name."""

from __future__ import annotations

from typing import Any

import click

from ropeway.cli.app import App

__all__ = ["ACCOUNTS", "GLOBAL", "OUTPUT_ONLY", "SANDBOX", "FlexibleAccount"]

# The accounts of a unit, by the names that people use for them on the sandbox.
ACCOUNTS = {
    "dev": "111111111111",
    "preprod": "222222222222",
    "prod": "333333333333",
    "operations": "444444444444",
}


class FlexibleAccount(click.ParamType):
    """Twelve digits, or one of the sandbox's names for accounts."""

    name = "account"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The account's number."""
        text = ACCOUNTS.get(str(value), str(value))
        if len(text) != 12 or not text.isdigit():
            self.fail(
                f"{value!r} is no account: give twelve digits or one of {', '.join(ACCOUNTS)}", param, ctx
            )
        return text


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None:
        ctx.ensure_object(App).choose(str(param.name), value)


def _option(*names: str, **settings: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_remember, **settings)


_OUTPUT = _option("--output", type=click.Choice(["text", "json"]), help="How data is written to stdout.")
_ACCOUNT = _option(
    "--account",
    type=FlexibleAccount(),
    help="Account number; on the sandbox also dev, preprod, prod, operations.",
)
_REGION = _option("--region", help="Region; AWS_REGION by default, else eu-west-1 on the sandbox.")
_ON = _option(
    "--on",
    type=click.Choice(["sandbox", "aws"]),
    help="Where to act: the sandbox (default, started when needed) or AWS. Also ROPEWAY_TARGET.",
)
_PROFILE = _option("--profile", help="AWS profile, for --on aws.")

GLOBAL = [_ON, _ACCOUNT, _REGION, _PROFILE, _OUTPUT]
SANDBOX = [_ACCOUNT, _REGION, _OUTPUT]
OUTPUT_ONLY = [_OUTPUT]

"""``ropeway init``: by questions on a terminal, by options elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ropeway.cli.app import App, pass_app
from ropeway.cli.lazy import LocalCommand

if TYPE_CHECKING:
    from ropeway.usecases.init import Answers

__all__ = ["init"]

_FORGES = ["github", "gitlab", "sandbox"]
_CI = ["github-actions", "gitlab-ci", "jenkins"]


@dataclass(frozen=True)
class _Given:
    """The options, None where nothing was given."""

    name: str | None
    forge: str | None
    organization: str | None
    ci: str | None
    unit: str | None
    region: str | None
    operations: str | None
    environments: dict[str, str]
    shared_accounts: bool


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, account = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not NAME=ACCOUNT", ctx, param)
        if name in pairs:
            raise click.BadParameter(f"{name!r} is given twice", ctx, param)
        pairs[name] = account
    return pairs


@click.command(cls=LocalCommand)
@click.option(
    "--file",
    default="ropeway.yaml",
    type=click.Path(path_type=Path),
    help="The file to write; never overwritten.",
)
@click.option(
    "--from",
    "source",
    metavar="CONFIG_JSON",
    type=click.Path(path_type=Path),
    help="Take units, users and organization from config.json of mlops-multi-account-terraform.",
)
@click.option("--name", help="The platform's name: the first word of every name.")
@click.option("--forge", type=click.Choice(_FORGES), help="Where the code lives.")
@click.option("--organization", help="Organization or group on the forge.")
@click.option("--ci", type=click.Choice(_CI), help="What runs deliveries; the forge's own by default.")
@click.option("--unit", help="Name of the first business unit.")
@click.option("--region", help="The unit's region.")
@click.option(
    "--operations",
    metavar="ACCOUNT",
    help="The unit's operations account; the first environment's by default.",
)
@click.option(
    "--environment",
    "environments",
    multiple=True,
    metavar="NAME=ACCOUNT",
    callback=_pairs,
    help="An environment; give one for each, in the order of promotion.",
)
@click.option("--shared-accounts", is_flag=True, help="Let environments share an account, as in a trial.")
@click.option(
    "--ask/--no-ask", default=None, help="Ask for what is not given; by default where input is a terminal."
)
@pass_app
def init(app: App, /, file: Path, source: Path | None, ask: bool | None, **options: Any) -> None:
    """Write a new ropeway.yaml, the description of a platform.

    On a terminal it asks for what the options do not tell. The file is commented, valid, and written whole or not at
    all.
    """
    from ropeway.errors import UsageError
    from ropeway.usecases import init as usecase

    if file.exists():
        raise UsageError(f"{str(file)!r} exists", hint="edit it, or name another with --file")
    given = _Given(**options)
    if source is not None:
        text = _converted(source, given)
    else:
        asking = sys.stdin.isatty() if ask is None else ask
        text = usecase.compose(_answers(_ask if asking else _refuse, given))
    usecase.write(file, text)
    app.output.data({"file": str(file)}, f"wrote {file}; next: ropeway validate")


def _converted(source: Path, given: _Given) -> str:
    from ropeway.errors import UsageError
    from ropeway.usecases.init import from_s1

    told = {"--unit": given.unit, "--region": given.region, "--environment": given.environments}
    told |= {"--operations": given.operations, "--forge": given.forge, "--ci": given.ci}
    extra = [option for option, value in told.items() if value]
    if extra:
        raise UsageError(f"--from and {extra[0]} exclude each other", hint="edit the file that --from writes")
    return from_s1(
        source, name=given.name, organization=given.organization, shared_accounts=given.shared_accounts
    )


def _answers(ask: Callable[[str, str, str | None, list[str] | None], str], given: _Given) -> Answers:
    from ropeway.usecases.init import Answers

    name = given.name or ask("--name", "name of the platform", None, None)
    forge = given.forge or ask("--forge", "forge", "github", _FORGES)
    organization = given.organization or ask("--organization", f"organization on {forge}", None, None)
    unit = given.unit or ask("--unit", "name of the first business unit", None, None)
    region = given.region or ask("--region", "its region", "eu-west-1", None)
    environments = given.environments
    if not environments:
        names = ask("--environment", "its environments, in the order of promotion", "dev preprod prod", None)
        environments = {
            each: ask("--environment", f"account of {each}", None, None)
            for each in names.replace(",", " ").split()
        }
    first = next(iter(environments.values()), "")
    operations = given.operations
    if operations is None:
        operations = first if ask is _refuse else ask("--operations", "account for operations", first, None)
    return Answers(
        name=name,
        forge=forge,
        organization=organization,
        ci=given.ci,
        shared_accounts=given.shared_accounts,
        units={
            unit: {
                "region": region,
                "operations": operations,
                "environments": {key: {"account": number} for key, number in environments.items()},
            }
        },
    )


def _ask(option: str, question: str, default: str | None, choices: list[str] | None) -> str:  # noqa: ARG001 - as _refuse
    kind = click.Choice(choices) if choices else None
    return str(click.prompt(question, default=default, type=kind, err=True)).strip()


def _refuse(option: str, question: str, default: str | None, choices: list[str] | None) -> str:
    from ropeway.errors import UsageError

    if default is not None and option not in {"--environment", "--region"}:
        return default
    known = f": {', '.join(choices)}" if choices else ""
    raise UsageError(f"{option} is missing ({question}{known})", hint="give it, or --ask to be asked")

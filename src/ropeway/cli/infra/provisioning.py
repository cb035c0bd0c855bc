"""A whole platform on a sandbox in one go, for demonstrations: described, accounts prepared, everything made.

``provision(app, folder)`` takes the session that ``app.use`` was given, or the project's sandbox; what it shows on the
way is what ``ropeway infra apply --together`` shows. The description and Terraform's folders go below ``folder``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropeway.cli.app import App
from ropeway.cli.infra.opening import Narrowed, interruptible, open_fleet
from ropeway.errors import UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from ropeway.infra.roots import Root
    from ropeway.infra.schedule import Outcome

__all__ = ["Provisioned", "provision"]

_PAUSE = 0.2
_DESCRIPTION = """\
# yaml-language-server: $schema=./.ropeway/schema.json
version: 1
name: acme
forge: {kind: sandbox, organization: acme-ml}
ci: github-actions
units:
  retail:
    region: eu-west-1
    operations: "444444444444"
    users: {data_scientists: [alex], leads: [kim]}
    emails: [mlops@acme.example]
    environments:
      dev: {account: "111111111111"}
      preprod: {account: "222222222222"}
      prod: {account: "333333333333"}
    retraining:
      mammography:
        group: mammography-severity
        train: mammography-train
        inference: mammography-inference
        checks: [Mammo-DataQuality]
        functions: [mammography-train-champion, mammography-inference-latest-approved]
        schedule: cron(0 23 * * ? *)
"""


@dataclass(frozen=True)
class Provisioned:
    """What was made.

    Attributes:
        file: the description.
        accounts: account number by root.
        made: resources that Terraform made, by root.
        seconds: of the preparation of the accounts, and of Terraform.
    """

    file: str
    accounts: dict[str, str]
    made: dict[str, int]
    seconds: tuple[float, float]


def provision(app: App, folder: Path, stacks: Path | None = None) -> Provisioned:
    """Describe a platform of four accounts, prepare them, and make everything.

    Args:
        app: acts on the sandbox.
        folder: gets ``ropeway.yaml``, unless it has one.
        stacks: a folder with ``stacks`` and ``modules``, instead of Ropeway's.

    Raises:
        UsageError: the target is AWS.
        InfraError: something could not be made.
        KeyboardInterrupt: somebody asked to stop, and Terraform has ended what it had begun.
    """
    from ropeway.cli.infra.board import Board
    from ropeway.config.load import load
    from ropeway.infra.roots import select
    from ropeway.usecases import infra as usecase

    if app.target != "sandbox":
        raise UsageError("this is a demonstration: it prepares accounts of the sandbox only")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ropeway.yaml"
    if not file.exists():
        file.write_text(_DESCRIPTION, encoding="utf-8")
    narrowed = Narrowed({"file": file, "unit": None, "env": None, "together": True, "stacks": stacks})
    began = time.perf_counter()
    board = Board(app.output, brief=True)
    with interruptible(app) as stop:
        prepared = _prepare(app, select(load(file), together=True), stop)
        with board:
            fleet, _ = open_fleet(app, narrowed, "apply", board, stop, folder / "infra")
            planned = usecase.plan(fleet, fleet.roots)
            _refuse(planned, stop)
            plans = {each.root.name: each.value for each in planned if each.value}
            board.expect({name: each.summary.total for name, each in plans.items()})
            applied = usecase.apply(fleet, plans)
        _refuse(applied, stop)
    return Provisioned(
        file=str(file),
        accounts={root.name: root.site.account for root in fleet.roots},
        made={each.root.name: each.value.add for each in applied if each.value},
        seconds=(prepared - began, time.perf_counter() - prepared),
    )


def _refuse(outcomes: Sequence[Outcome[Any]], stop: threading.Event) -> None:
    """Raise what failed; an interrupt, where there was one, as it is why."""
    from ropeway.usecases.infra import refuse_failures

    if stop.is_set():
        raise KeyboardInterrupt
    refuse_failures(outcomes)


def _prepare(app: App, roots: list[Root], stop: threading.Event) -> float:
    """Bootstrap every account, side by side; when it was done."""
    from ropeway.infra.schedule import work

    endpoint = app.sandbox_endpoint()
    _refuse(work(roots, partial(_bootstrap, endpoint), stop=stop), stop)
    return time.perf_counter()


def _bootstrap(endpoint: str, root: Root) -> None:
    from ropeway.aws.session import on_sandbox
    from ropeway.aws.stacks import AccountClient, StacksClient
    from ropeway.bootstrap import template
    from ropeway.usecases import bootstrap as usecase

    site = root.site
    session = on_sandbox(endpoint, site.account, site.region)
    stacks, account = StacksClient.of(session), AccountClient(session)
    wanted = usecase.target(site.platform, site.environment_name, site.unit_name)
    wait = partial(time.sleep, session.pause or _PAUSE)
    plan = usecase.propose(stacks, account, wanted, template(), name="ropeway-provision", wait=wait)
    if plan.changes:
        told = usecase.execute(stacks, plan, tell=lambda _: None, wait=wait)
        usecase.verify(account, wanted, told)

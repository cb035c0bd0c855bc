"""Model versions: create, describe, approve, list the newest, at 1,000, 10,000 and 100,000 versions of one group.

Ropeway is asked over HTTP, once by bare requests (what the server takes) and once by boto3 (what a user waits for).
MLflow is asked by its client, in a process of its own, on the same SQLite settings as it chooses, without a server in
between: the comparison favours it. What is there before is put in in bulk on both sides: by the domain in one
transaction, and by rows in MLflow's tables. Medians; the processor's time is that of Ropeway's server.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.environment import python_with
from bench.live import Live, Raw, live, median
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.registry.tokens import Tokens
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.registry import SqliteGroups, SqlitePackages, SqliteTokens
from ropeway.sandbox.store.tags import SqliteTags
from ropeway.values.clock import SystemClock

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 100
_GROUP = "bench"
_MLFLOW = Path(__file__).parent / "programs" / "mlflow_registry.py"


def run() -> list[dict[str, object]]:
    """A row per size and way of asking, in milliseconds."""
    rows: list[dict[str, object]] = []
    python = str(python_with("mlflow-skinny", "sqlalchemy", "alembic"))
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            fill(folder / ".ropeway" / "sandbox", size)
            with live(folder) as sandbox:
                raw, boto = Raw(sandbox.endpoint), _by_boto(sandbox)
                for way, ask in (("Ropeway, bare HTTP", raw), ("Ropeway, boto3", boto)):
                    before = sandbox.processor_seconds()
                    times = _times(ask, size)
                    used = (sandbox.processor_seconds() - before) / (4 * ROUNDS) * 1000
                    rows.append({"versions": size, "by": way, **times, "processor ms a call": used})
            done = subprocess.run(
                [python, str(_MLFLOW), str(folder / "mlflow.sqlite"), str(size), str(ROUNDS)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(done.stderr)
            rows.append({"versions": size, "by": "MLflow, in process", **json.loads(done.stdout)})
    return rows


def fill(state: Path, size: int) -> None:
    """Register versions before the sandbox starts, in one transaction."""
    state.mkdir(parents=True)
    database, clock = Database(state / "state.sqlite"), SystemClock()
    registry = Registry(
        (SqliteGroups(database), SqlitePackages(database)),
        database,
        clock,
        Tags(SqliteTags(database), NoPeers()),
        Tokens(SqliteTokens(database), database, clock),
    )
    home = ("111111111111", "eu-west-1")
    try:
        registry.create_group(*home, {"ModelPackageGroupName": _GROUP})
        with database.transaction():
            for _ in range(size):
                registry.create_package(*home, _package())
    finally:
        database.close()


class NoPeers:
    """Nobody else has tags here."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        """Never called."""
        raise AssertionError(f"{service} {operation} {account} {region} {params}")


def _package() -> dict[str, Any]:
    container = {"Image": "image:1", "ModelDataUrl": "s3://bench/model.tar.gz"}
    return {
        "ModelPackageGroupName": _GROUP,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    }


def _by_boto(sandbox: Live) -> Callable[[str, dict[str, Any]], Any]:
    client = sandbox.client("sagemaker")
    methods = {
        "CreateModelPackage": client.create_model_package,
        "DescribeModelPackage": client.describe_model_package,
        "UpdateModelPackage": client.update_model_package,
        "ListModelPackages": client.list_model_packages,
    }
    return lambda operation, params: methods[operation](**params)


def _times(ask: Callable[[str, dict[str, Any]], Any], size: int) -> dict[str, object]:
    newest = {
        "ModelPackageGroupName": _GROUP,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 10,
    }
    made = ask("CreateModelPackage", _package())["ModelPackageArn"]
    assert int(made.rpartition("/")[2]) > size
    found = ask("ListModelPackages", newest)["ModelPackageSummaryList"]
    assert found[0]["ModelPackageArn"] == made
    assert len(found) == 10
    middle = f"{made.rpartition('/')[0]}/{size // 2}"
    assert ask("DescribeModelPackage", {"ModelPackageName": middle})["ModelPackageVersion"] == size // 2
    approve = {"ModelPackageArn": middle, "ModelApprovalStatus": "Approved"}
    calls: dict[str, Callable[[], object]] = {
        "create ms": lambda: ask("CreateModelPackage", _package()),
        "describe ms": lambda: ask("DescribeModelPackage", {"ModelPackageName": middle}),
        "approve ms": lambda: ask("UpdateModelPackage", approve),
        "newest 10 ms": lambda: ask("ListModelPackages", newest),
    }
    return {name: median(call, ROUNDS) * 1000 for name, call in calls.items()}

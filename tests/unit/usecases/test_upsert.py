"""Bringing a pipeline to its target."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.errors import UsageError
from ropeway.pipelines import LambdaFunction, LambdaStep, Pipeline, ProcessingStep
from ropeway.usecases.source import Source
from ropeway.usecases.upsert import Upserted, upsert
from tests.fakes.aws import FakeFunctions, FakePipelines, FakeStorage

ROLE = "arn:aws:iam::111111111111:role/Jobs"


class Target:
    def __init__(self) -> None:
        self.pipelines = FakePipelines()
        self.storage = FakeStorage()
        self.functions = FakeFunctions()
        self.told: list[str] = []

    def upsert(self, source: Source, role: str | None = ROLE, tags: dict[str, str] | None = None) -> Upserted:
        return upsert(
            source,
            self.pipelines,
            self.storage,
            self.functions,
            role=role,
            default_bucket="default",
            tell=self.told.append,
            tags=tags,
        )


def source(script: Path) -> Source:
    step = ProcessingStep("A", image="i", code=script)
    call = LambdaStep("L", function=LambdaFunction("newest", script, ROLE))
    built = Pipeline("p", [step, call], bucket="default", region="eu-west-1")
    return Source(
        "p",
        built.definition(),
        tuple(built.assets),
        tuple(built.functions),
        built.bucket,
        tags={"team": "risk"},
    )


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_text("pass\n")
    return path


def test_the_first_time_everything_is_made(script: Path) -> None:
    target = Target()
    done = target.upsert(source(script), tags={"env": "dev"})
    assert (done.action, done.uploaded) == ("created", 1)
    assert list(target.storage.objects.values()) == [b"pass\n"]
    assert target.functions.made["newest"]["Handler"] == "a.lambda_handler"
    assert target.pipelines.tags == {"team": "risk", "env": "dev"}
    assert target.told[0] == "created bucket default"
    assert target.told[-1] == "pipeline p created"


def test_the_second_time_nothing_changes(script: Path) -> None:
    target = Target()
    target.upsert(source(script))
    done = target.upsert(source(script))
    assert (done.action, done.uploaded) == ("unchanged", 0)


def test_another_script_makes_another_definition(script: Path) -> None:
    target = Target()
    target.upsert(source(script))
    script.write_text("pass # more\n")
    done = target.upsert(source(script), tags={"env": "prod"})
    assert (done.action, done.uploaded) == ("updated", 1)
    assert target.pipelines.tags["env"] == "prod"


def test_a_pipeline_needs_a_role(script: Path) -> None:
    with pytest.raises(UsageError, match="pipeline p has no role"):
        Target().upsert(source(script), role=None)

"""What is written of jobs and model packages by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.jobs.model import Container, Job, Kind
from ropeway.sandbox.domain.lineage.model import Entity
from ropeway.sandbox.domain.lineage.tracking import Tracking
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.registry.model import Package
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.executions import SqliteExecutions
from ropeway.sandbox.store.lineage import SqliteLineage, SqliteTrials
from tests.fakes.clock import FakeClock

WHERE = ("111111111111", "eu-west-1")
MODEL = "s3://b/model.tar.gz"


class World:
    """Tracking over an empty store."""

    def __init__(self, database: Database) -> None:
        self.store, self.trials = SqliteLineage(database), SqliteTrials(database)
        stores = (self.store, self.trials)
        self.tracking = Tracking(stores, SqliteExecutions(database), database, FakeClock())

    def all(self, kind: str) -> list[Entity]:
        return list(self.store.list(kind, *WHERE, Listing(limit=100, descending=False)).items)

    def edges(self) -> set[tuple[str, str, str | None]]:
        """Associations by what they join: the sources of artifacts, the names of others."""
        names = {
            entity.arn: entity.source if kind == "artifact" else entity.name
            for kind in ("artifact", "context", "experiment-trial-component")
            for entity in self.all(kind)
        }
        found = self.store.all_associations(*WHERE)
        return {(names[each.source], names[each.destination], each.type) for each in found}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(tmp_path / "state.sqlite")
    yield World(database)
    database.close()


def job(kind: Kind = Kind.TRAINING, **request: Any) -> Job:
    return Job(kind, *WHERE, "fit", request, "Completed", 1.0, 3.0, started=2.0, ended=3.0)


def training(**more: Any) -> Job:
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/data"}}}
    return replace(
        job(
            AlgorithmSpecification={"TrainingImage": "image:1"},
            InputDataConfig=[channel],
            HyperParameters={"eta": "0.5", "kind": "tree", "limit": "inf"},
            **more,
        ),
        result={
            "ModelArtifacts": {"S3ModelArtifacts": MODEL},
            "FinalMetricDataList": [
                {"MetricName": "loss", "Value": 0.25, "Timestamp": 2.5},
                {"MetricName": "broken", "Value": float("nan"), "Timestamp": 2.5},
            ],
        },
    )


def test_a_training_job_is_a_component_between_its_data_and_its_model(world: World) -> None:
    world.tracking.job_ended(training())
    (component,) = world.all("experiment-trial-component")
    name = "fit-aws-training-job"
    assert (component.name, component.type, component.source) == (name, "TrainingJob", training().arn)
    assert component.document["Parameters"] == {
        "eta": {"NumberValue": 0.5},
        "kind": {"StringValue": "tree"},
        "limit": {"StringValue": "inf"},
    }
    assert world.edges() == {
        ("s3://b/data", name, "ContributedTo"),
        ("image:1", name, "ContributedTo"),
        (name, MODEL, "Produced"),
    }
    (loss,) = world.trials.summaries(component.arn)
    assert (loss.name, loss.last, loss.timestamp) == ("loss", 0.25, 2.5)


def test_an_end_that_is_told_twice_is_written_once(world: World) -> None:
    for _ in range(2):
        world.tracking.job_ended(training())
    (component,) = world.all("experiment-trial-component")
    assert world.trials.summaries(component.arn)[0].count == 1


def test_a_failed_job_produced_nothing(world: World) -> None:
    failed = replace(training(), status="Failed", failure_reason="AlgorithmError: no")
    world.tracking.job_ended(failed)
    (component,) = world.all("experiment-trial-component")
    assert component.document["Status"] == {"PrimaryStatus": "Failed", "Message": "AlgorithmError: no"}
    assert {kind for _, _, kind in world.edges()} == {"ContributedTo"}


def test_processing_and_transform_jobs_are_joined_by_what_they_exchange(world: World) -> None:
    output = {"OutputName": "o", "S3Output": {"S3Uri": "s3://b/prepared"}}
    prepare = job(
        Kind.PROCESSING,
        AppSpecification={"ImageUri": "image:2"},
        ProcessingInputs=[{"InputName": "i", "S3Input": {"S3Uri": "s3://b/raw"}}, {"InputName": "d"}],
        ProcessingOutputConfig={"Outputs": [output]},
    )
    predict = replace(
        job(
            Kind.TRANSFORM,
            TransformInput={"DataSource": {"S3DataSource": {"S3Uri": "s3://b/prepared"}}},
            TransformOutput={"S3OutputPath": "s3://b/predicted"},
        ),
        containers=(Container("image:3", MODEL), Container("image:4", None)),
    )
    world.tracking.job_ended(prepare)
    world.tracking.job_ended(predict)
    assert {
        ("s3://b/raw", "fit-aws-processing-job", "ContributedTo"),
        ("fit-aws-processing-job", "s3://b/prepared", "Produced"),
        ("s3://b/prepared", "fit-aws-transform-job", "ContributedTo"),
        (MODEL, "fit-aws-transform-job", "ContributedTo"),
        ("fit-aws-transform-job", "s3://b/predicted", "Produced"),
    } <= world.edges()


@pytest.mark.parametrize(
    ("config", "trials"),
    [
        ({"ExperimentName": "e", "TrialName": "t"}, [("t", "e")]),
        ({"ExperimentName": "e"}, [("fit-aws-trial", "e")]),
        ({"TrialName": "nobody-made-it"}, []),
        ({}, []),
    ],
)
def test_a_job_joins_the_trial_that_it_names(
    world: World, config: dict[str, str], trials: list[tuple[str, str]]
) -> None:
    world.tracking.job_ended(training(ExperimentConfig=config))
    (component,) = world.all("experiment-trial-component")
    found = world.all("experiment-trial")
    assert [(trial.name, trial.parent) for trial in found] == trials
    assert list(world.trials.trials(component.arn)) == [trial.arn for trial in found]


def test_a_package_comes_from_its_model_data_and_belongs_to_its_group(world: World) -> None:
    document = {
        "InferenceSpecification": {"Containers": [{"Image": "i", "ModelDataUrl": MODEL}, {"Image": "i"}]}
    }
    version = Package(*WHERE, "g", "g", 1, "Approved", "Completed", 1.0, document)
    world.tracking.package_made(version)
    world.tracking.package_made(replace(version, version=2))
    alone = Package(*WHERE, "alone", "", 0, "", "Completed", 1.0, {})
    world.tracking.package_made(alone)
    group = "g-aws-model-group"
    second = replace(version, version=2)
    assert world.edges() == {
        (MODEL, version.arn, "ContributedTo"),
        (version.arn, group, "AssociatedWith"),
        (MODEL, second.arn, "ContributedTo"),
        (second.arn, group, "AssociatedWith"),
    }
    assert alone.arn in {artifact.source for artifact in world.all("artifact")}

"""What becomes of a job that is submitted, stopped and reported on."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.errors import InUse, Invalid, NotThere
from ropeway.sandbox.domain.jobs.lifecycle import IllegalMoveError
from ropeway.sandbox.domain.jobs.model import Container, Job, Kind, Outcome, StepRef
from ropeway.sandbox.domain.jobs.ports import JobReports
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.tags.service import Tags
from tests.fakes.clock import FakeClock
from tests.fakes.job_life import MemoryJobs, RecordingRunner
from tests.fakes.tags import MemoryTags, NoPeers
from tests.fakes.transactions import FakeTransactions

HOME = ("111111111111", "eu-west-1")
ROLE = "arn:aws:iam::111111111111:role/Jobs"
TRAINING: dict[str, Any] = {
    "TrainingJobName": "fit",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
}
PROCESSING: dict[str, Any] = {
    "ProcessingJobName": "prepare",
    "AppSpecification": {"ImageUri": "image"},
    "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1}},
    "RoleArn": ROLE,
}
TRANSFORM: dict[str, Any] = {"TransformJobName": "predict", "ModelName": "model"}


class World:
    """A Jobs service over fakes."""

    def __init__(self, store: MemoryJobs | None = None) -> None:
        self.clock = FakeClock()
        self.store = store or MemoryJobs()
        self.transactions = FakeTransactions()
        self.tags = Tags(MemoryTags(), NoPeers())
        self.runners: list[RecordingRunner] = []
        self.jobs = Jobs(
            self.store, self.transactions, self.clock, self.tags, self.containers, self.make_runner
        )
        self.ended: list[Job] = []
        self.jobs.changes.listen(self.ended.append)

    @property
    def runner(self) -> RecordingRunner:
        return self.runners[0]

    def make_runner(self, reports: JobReports) -> RecordingRunner:
        self.runners.append(RecordingRunner(reports))
        return self.runners[0]

    def containers(self, account: str, region: str, name: str) -> tuple[Container, ...]:
        assert (account, region, name) == (*HOME, "model")
        return (Container("image", "s3://bucket/model.tar.gz"),)

    def train(self) -> Job:
        return self.jobs.submit(Kind.TRAINING, *HOME, TRAINING)

    def process(self) -> Job:
        return self.jobs.submit(Kind.PROCESSING, *HOME, PROCESSING)


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_job_is_written_before_it_is_handed_over(world: World) -> None:
    job = world.process()
    assert world.runner.launched == [job]
    assert world.jobs.get(job.arn) == job
    assert (job.status, job.started, job.ended) == ("InProgress", None, None)


def test_a_training_job_starts_with_one_open_transition(world: World) -> None:
    described = world.jobs.describe(world.train())
    assert described["SecondaryStatus"] == "Starting"
    assert [entry["Status"] for entry in described["SecondaryStatusTransitions"]] == ["Starting"]
    assert "EndTime" not in described["SecondaryStatusTransitions"][0]
    assert "TrainingStartTime" not in described


def test_a_name_is_taken_for_ever(world: World) -> None:
    job = world.process()
    world.jobs.finished(job.arn, Outcome("Completed"))
    with pytest.raises(InUse, match="Job name must be unique within an AWS account and region"):
        world.process()


def test_names_of_other_accounts_regions_and_kinds_are_not_taken(world: World) -> None:
    world.process()
    world.jobs.submit(Kind.PROCESSING, "222222222222", "eu-west-1", PROCESSING)
    world.jobs.submit(Kind.PROCESSING, "111111111111", "us-east-1", PROCESSING)
    world.jobs.submit(Kind.TRAINING, *HOME, {**TRAINING, "TrainingJobName": "prepare"})
    assert len(world.runner.launched) == 4


def test_a_training_job_goes_through_its_phases(world: World) -> None:
    job = world.train()
    for phase in ("Downloading", "Training", "Uploading"):
        world.clock.pass_seconds(10)
        world.jobs.progressed(job.arn, phase, f"{phase} now")
    world.clock.pass_seconds(10)
    artifacts = {"ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/out/fit/output/model.tar.gz"}}
    metrics = {"FinalMetricDataList": [{"MetricName": "auc", "Value": 0.9, "Timestamp": 1030.0}]}
    world.jobs.finished(job.arn, Outcome("Completed", result={**artifacts, **metrics}))

    described = world.jobs.describe(world.jobs.get(job.arn))
    assert described["TrainingJobStatus"] == described["SecondaryStatus"] == "Completed"
    phases = [entry["Status"] for entry in described["SecondaryStatusTransitions"]]
    assert phases == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all("EndTime" in entry for entry in described["SecondaryStatusTransitions"])
    assert described["TrainingTimeInSeconds"] == described["BillableTimeInSeconds"] == 30
    assert described["ModelArtifacts"] == artifacts["ModelArtifacts"]
    assert described["FinalMetricDataList"][0]["Timestamp"].timestamp() == 1030.0
    assert described["TrainingStartTime"].timestamp() == 1010.0


def test_the_first_phase_starts_the_clock_of_every_kind(world: World) -> None:
    job = world.process()
    world.clock.pass_seconds(5)
    world.jobs.progressed(job.arn, "Downloading", "")
    world.clock.pass_seconds(5)
    world.jobs.progressed(job.arn, "Training", "")
    described = world.jobs.describe(world.jobs.get(job.arn))
    assert described["ProcessingStartTime"].timestamp() == 1005.0
    assert "SecondaryStatus" not in described


def test_a_phase_that_is_no_phase_is_refused(world: World) -> None:
    with pytest.raises(IllegalMoveError):
        world.jobs.progressed(world.process().arn, "Interrupted", "")


def test_reports_that_come_twice_or_late_change_nothing(world: World) -> None:
    job = world.train()
    world.jobs.progressed(job.arn, "Training", "first")
    world.jobs.progressed(job.arn, "Training", "again")
    world.jobs.progressed(job.arn, "Downloading", "late")
    assert [entry.message for entry in world.jobs.get(job.arn).transitions][1:] == ["first"]
    world.jobs.finished(job.arn, Outcome("Failed", failure_reason="AlgorithmError: boom"))
    done = world.jobs.get(job.arn)
    world.jobs.finished(job.arn, Outcome("Completed"))
    world.jobs.progressed(job.arn, "Uploading", "late")
    assert world.jobs.get(job.arn) == done
    assert world.ended == [done]


def test_a_failure_says_why(world: World) -> None:
    job = world.process()
    world.jobs.finished(
        job.arn, Outcome("Failed", failure_reason="AlgorithmError: exit code 3", exit_message="bad input")
    )
    described = world.jobs.describe(world.jobs.get(job.arn))
    assert described["ProcessingJobStatus"] == "Failed"
    assert described["FailureReason"] == "AlgorithmError: exit code 3"
    assert described["ExitMessage"] == "bad input"


def test_listeners_hear_of_the_end_after_the_transaction(world: World) -> None:
    depths: list[int] = []
    world.jobs.changes.listen(lambda _job: depths.append(world.transactions.depth))
    job = world.process()
    world.jobs.progressed(job.arn, "Training", "")
    assert depths == []
    world.jobs.finished(job.arn, Outcome("Completed"))
    assert depths == [0]
    assert [ended.status for ended in world.ended] == ["Completed"]


def test_recorders_write_in_the_transaction_that_ends_a_job_and_only_then(world: World) -> None:
    seen: list[tuple[str, int]] = []
    world.jobs.changes.record(lambda job: seen.append((job.status, world.transactions.depth)))
    job = world.process()
    world.jobs.progressed(job.arn, "Training", "")
    assert seen == []
    world.jobs.finished(job.arn, Outcome("Completed"))
    world.jobs.finished(job.arn, Outcome("Completed"))
    assert seen == [("Completed", 1)]


def test_stopping_goes_through_the_runner(world: World) -> None:
    job = world.train()
    world.jobs.progressed(job.arn, "Training", "")
    world.jobs.stop(job.arn)
    stopping = world.jobs.get(job.arn)
    assert (stopping.status, stopping.secondary) == ("Stopping", "Stopping")
    assert world.runner.stopped == [job.arn]
    assert world.ended == []
    world.jobs.progressed(job.arn, "Uploading", "what there is")
    world.jobs.finished(job.arn, Outcome("Stopped", secondary="Stopped"))
    stopped = world.jobs.get(job.arn)
    assert (stopped.status, stopped.secondary) == ("Stopped", "Stopped")


def test_stopping_twice_asks_the_runner_once(world: World) -> None:
    job = world.process()
    world.jobs.stop(job.arn)
    world.jobs.stop(job.arn)
    assert world.runner.stopped == [job.arn]


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_a_job_that_has_ended_cannot_be_stopped(world: World, status: str) -> None:
    job = world.train()
    world.jobs.finished(job.arn, Outcome(status))
    with pytest.raises(
        Invalid, match=f"The request was rejected because the training job is in status {status}"
    ):
        world.jobs.stop(job.arn)
    assert world.runner.stopped == []


def test_a_stop_between_commit_and_hand_over_is_repeated() -> None:
    class StoppingRunner(RecordingRunner):
        """A runner that did not know the job when the stop came."""

        jobs: Jobs

        def launch(self, job: Job) -> None:
            self.jobs.stop(job.arn)
            self.stopped.clear()
            super().launch(job)

    world = World()
    runners: list[StoppingRunner] = []

    def make(reports: JobReports) -> StoppingRunner:
        runners.append(StoppingRunner(reports))
        return runners[0]

    jobs = Jobs(world.store, world.transactions, world.clock, world.tags, world.containers, make)
    runners[0].jobs = jobs
    job = jobs.submit(Kind.PROCESSING, *HOME, PROCESSING)
    assert runners[0].stopped == [job.arn]


def test_a_transform_job_takes_its_models_containers_along(world: World) -> None:
    job = world.jobs.submit(Kind.TRANSFORM, *HOME, TRANSFORM)
    assert [container.model_data_url for container in job.containers] == ["s3://bucket/model.tar.gz"]
    assert "LastModifiedTime" not in world.jobs.describe(job)


def test_a_job_remembers_its_step(world: World) -> None:
    step = StepRef("arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p/execution/abc", "Prepare")
    job = world.jobs.submit(Kind.PROCESSING, *HOME, PROCESSING, step=step)
    assert world.jobs.get(job.arn).step == step


def test_tags_go_to_the_job_and_not_into_its_description(world: World) -> None:
    tags = [{"Key": "team", "Value": "risk"}]
    job = world.jobs.submit(Kind.PROCESSING, *HOME, {**PROCESSING, "Tags": tags}, tags=tags)
    assert world.tags.list(job.arn) == tags
    assert "Tags" not in world.jobs.describe(job)


def test_jobs_that_have_not_ended_are_handed_back_after_a_restart(world: World) -> None:
    done = world.process()
    world.jobs.finished(done.arn, Outcome("Completed"))
    running = world.train()
    after = World(world.store)
    new = after.jobs.submit(Kind.PROCESSING, *HOME, {**PROCESSING, "ProcessingJobName": "new"})
    after.jobs.recover()
    assert [job.arn for job in after.runner.recovered] == [running.arn]
    assert [job.arn for job in after.runner.launched] == [new.arn]


def test_a_job_that_runs_cannot_be_deleted(world: World) -> None:
    job = world.jobs.submit(Kind.PROCESSING, *HOME, PROCESSING, tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(InUse, match="in status InProgress"):
        world.jobs.delete(job.arn)
    world.jobs.finished(job.arn, Outcome("Completed"))
    world.jobs.delete(job.arn)
    assert world.tags.list(job.arn) == []
    assert world.jobs.list(Kind.PROCESSING, *HOME, Listing()).items == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Kind.PROCESSING, "Could not find requested job with name: nothing"),
        (Kind.TRAINING, "Requested resource not found."),
        (Kind.TRANSFORM, "Requested resource not found."),
    ],
)
def test_a_job_that_does_not_exist_is_not_found(world: World, kind: Kind, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        world.jobs.find(kind, *HOME, "nothing")
    assert caught.value.message == message


def _without(request: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in request.items() if key != name}


@pytest.mark.parametrize(
    ("kind", "request_", "message"),
    [
        (Kind.TRAINING, _without(TRAINING, "AlgorithmSpecification"), "AlgorithmSpecification"),
        (Kind.TRAINING, _without(TRAINING, "ResourceConfig"), "ResourceConfig"),
        (Kind.TRAINING, {**TRAINING, "AlgorithmSpecification": {}}, "Exactly one of TrainingImage"),
        (
            Kind.TRAINING,
            {**TRAINING, "InputDataConfig": [{"ChannelName": "train"}, {"ChannelName": "train"}]},
            "Every channel needs its own name",
        ),
        (
            Kind.PROCESSING,
            {**PROCESSING, "ProcessingInputs": [{"InputName": "a"}, {"InputName": "a"}]},
            "Every input needs its own name",
        ),
        (
            Kind.PROCESSING,
            {
                **PROCESSING,
                "ProcessingInputs": [{"InputName": "a", "S3Input": {"LocalPath": "/opt/ml/processingother"}}],
            },
            "must be a path below /opt/ml/processing",
        ),
    ],
)
def test_contradictions_are_refused(world: World, kind: Kind, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        world.jobs.submit(kind, *HOME, request_)
    assert world.store.jobs == {}


def test_serverless_training_is_refused_not_faked(world: World) -> None:
    with pytest.raises(NotThere, match="ServerlessJobConfig"):
        world.jobs.submit(Kind.TRAINING, *HOME, {**TRAINING, "ServerlessJobConfig": {}})


def test_the_runner_is_let_go_with_the_server(world: World) -> None:
    world.jobs.close()
    assert world.runner.closed

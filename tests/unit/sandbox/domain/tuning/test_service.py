"""What a tuning job does, step by step, over fakes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import InUse, Invalid, LimitExceeded, NotFound, NotThere
from ropeway.sandbox.domain.jobs.model import Job, Kind, Outcome
from ropeway.sandbox.domain.jobs.ports import JobReports
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.tuning.lifecycle import IllegalMoveError, next_status
from ropeway.sandbox.domain.tuning.model import Trial, Tuning
from ropeway.sandbox.domain.tuning.service import Tools, Tunings
from tests.fakes.clock import FakeClock
from tests.fakes.job_life import MemoryJobs, RecordingRunner
from tests.fakes.tags import MemoryTags, NoPeers
from tests.fakes.transactions import FakeTransactions
from tests.fakes.tuning import MemoryTunings, WalkingOptimiser, WrittenMetrics

HOME = ("111111111111", "eu-west-1")
LIMITS = {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 3}
CONTINUOUS = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "10"}]}
GRID = {
    "CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["3", "4"]}]
}


class CountingIds:
    """Implements ``values.ids.Ids``."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    def token(self, length: int) -> str:
        return f"{next(self.numbers):0{length}d}"

    def uuid(self) -> str:
        return "00000000-0000-0000-0000-000000000000"


def request(
    name: str = "tune", *, definition: Any = None, limits: Any = None, more: Any = None, **config: Any
) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ResourceLimits": limits or LIMITS,
            "ParameterRanges": CONTINUOUS,
            "RandomSeed": 1,
            **config,
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
            "RoleArn": "arn:aws:iam::111111111111:role/Jobs",
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
            "ResourceConfig": {"InstanceCount": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "StaticHyperParameters": {"fixed": "1"},
            **(definition or {}),
        },
        **(more or {}),
    }


def hyperband(first: int, last: int) -> dict[str, Any]:
    return {"HyperbandStrategyConfig": {"MinResource": first, "MaxResource": last}}


class World:
    """A Tunings service over fakes; ``again`` is the same after a restart."""

    def __init__(self, before: World | None = None) -> None:
        self.clock: FakeClock = before.clock if before else FakeClock()
        self.job_store: MemoryJobs = before.job_store if before else MemoryJobs()
        self.store: MemoryTunings = before.store if before else MemoryTunings()
        self.ids: CountingIds = before.ids if before else CountingIds()
        self.tags = Tags(MemoryTags(), NoPeers())
        self.runners: list[RecordingRunner] = []
        transactions = FakeTransactions()
        self.jobs = Jobs(self.job_store, transactions, self.clock, self.tags, lambda *_: (), self.make_runner)
        self.optimiser = WalkingOptimiser()
        self.metrics = WrittenMetrics()
        self.woken = 0
        tools = Tools(self.clock, self.ids, self.optimiser, self.metrics, self.wake)
        self.tunings = Tunings(self.store, transactions, self.jobs, self.tags, tools)
        self.ended: list[Tuning] = []
        self.tunings.changes.listen(self.ended.append)

    def make_runner(self, reports: JobReports) -> RecordingRunner:
        self.runners.append(RecordingRunner(reports))
        return self.runners[0]

    def wake(self) -> None:
        self.woken += 1

    @property
    def runner(self) -> RecordingRunner:
        return self.runners[0]

    @property
    def launched(self) -> list[Job]:
        return self.runner.launched

    def start(self, *args: Any, **config: Any) -> Tuning:
        return self.tunings.create(*HOME, request(*args, **config))

    def now(self, tuning: Tuning) -> Tuning:
        return self.tunings.get(tuning.arn)

    def trials(self, tuning: Tuning) -> list[Trial]:
        return list(self.store.trials(tuning.arn))

    def finish(self, job: Job, value: float | None = None, status: str = "Completed") -> None:
        metrics = [] if value is None else [{"MetricName": "loss", "Value": value}]
        self.jobs.finished(job.arn, Outcome(status, status, result={"FinalMetricDataList": metrics}))

    def train(self, job: Job, *values: float) -> None:
        self.jobs.progressed(job.arn, "Training", "")
        self.metrics.printed[job.name] = list(values)


@pytest.fixture
def world() -> World:
    return World()


def test_as_many_run_at_once_as_may_and_no_more_than_there_are(world: World) -> None:
    tuning = world.start()
    assert [job.name for job in world.launched] == ["tune-001-00000001", "tune-002-00000002"]
    world.finish(world.launched[0], 2.0)
    assert len(world.launched) == 3
    world.finish(world.launched[1], 1.0)
    world.finish(world.launched[2], 3.0)
    assert len(world.launched) == 3
    assert world.now(tuning).status == "Completed"
    assert [trial.value for trial in world.tunings.views.best(tuning)] == [1.0, 2.0, 3.0]
    assert world.ended == [world.now(tuning)]


def test_a_training_job_gets_the_drawn_values_and_the_rest_of_its_definition(world: World) -> None:
    checkpoints = {"CheckpointConfig": {"S3Uri": "s3://bucket/ck"}}
    tuning = world.start(definition=checkpoints)
    job = world.launched[0]
    assert job.request["TuningJobArn"] == tuning.arn
    assert job.request["HyperParameters"] == {
        "fixed": "1",
        "x": world.trials(tuning)[0].values["x"],
        "_tuning_objective_metric": "loss",
    }
    assert 0 <= float(job.request["HyperParameters"]["x"]) <= 10
    assert job.request["CheckpointConfig"] == {"S3Uri": f"s3://bucket/ck/{job.name}"}
    described = world.tunings.views.describe(world.now(tuning))
    assert described["TrainingJobDefinition"]["StaticHyperParameters"]["_tuning_objective_metric"] == "loss"


def test_tuning_resources_become_the_training_jobs(world: World) -> None:
    instances = [{"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 3}]
    bad = request()
    del bad["TrainingJobDefinition"]["ResourceConfig"]
    with pytest.raises(Invalid, match="ResourceConfig or HyperParameterTuningResourceConfig"):
        world.tunings.create(*HOME, bad)
    good = {
        **bad["TrainingJobDefinition"],
        "HyperParameterTuningResourceConfig": {"InstanceConfigs": instances},
    }
    world.tunings.create(*HOME, {**bad, "TrainingJobDefinition": good})
    assert world.launched[0].request["ResourceConfig"] == instances[0]


def test_one_seed_draws_one_sequence_and_another_another() -> None:
    def drawn(seed: int) -> list[Any]:
        world = World()
        return [trial.values for trial in world.trials(world.start(RandomSeed=seed))]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_random_search_of_few_values_has_each_once(world: World) -> None:
    limits = {"MaxParallelTrainingJobs": 4, "MaxNumberOfTrainingJobs": 4}
    tuning = world.start(ParameterRanges=GRID, limits=limits)
    assert len({tuple(trial.values.items()) for trial in world.trials(tuning)}) == 4


def test_a_grid_is_walked_through(world: World) -> None:
    tuning = world.start(Strategy="Grid", ParameterRanges=GRID, limits={"MaxParallelTrainingJobs": 9})
    assert [tuple(trial.values.values()) for trial in world.trials(tuning)] == [
        ("1", "3"),
        ("1", "4"),
        ("2", "3"),
        ("2", "4"),
    ]


def test_the_optimiser_hears_of_results_and_of_what_runs(world: World) -> None:
    tuning = world.start(Strategy="Bayesian")
    assert [(len(seen), len(pending)) for seen, pending, _ in world.optimiser.told] == [(0, 0), (0, 1)]
    world.finish(world.launched[0], 2.0)
    seen, pending, _ = world.optimiser.told[-1]
    assert [(each.point, each.loss) for each in seen] == [((0.0,), 2.0)]
    assert len(pending) == 1
    assert len({seed for _, _, seed in world.optimiser.told}) == 3
    assert world.trials(tuning)[2].values == {"x": "2.0"}


def test_a_warm_start_begins_with_what_its_parents_saw(world: World) -> None:
    world.start("parent", Strategy="Bayesian")
    for number in range(3):
        world.finish(world.launched[number], float(number))
    warm = {
        "WarmStartConfig": {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
            "WarmStartType": "IdenticalDataAndAlgorithm",
        }
    }
    child = world.start("child", Strategy="Bayesian", more=warm)
    assert len(world.optimiser.told[-2][0]) == 3
    assert world.tunings.views.describe(child)["OverallBestTrainingJob"]["TuningJobName"] == "parent"
    with pytest.raises(Invalid, match="another algorithm or other input data"):
        world.start(
            "other",
            more=warm,
            definition={"AlgorithmSpecification": {"TrainingImage": "other", "TrainingInputMode": "File"}},
        )
    warm["WarmStartConfig"]["ParentHyperParameterTuningJobs"] = [{"HyperParameterTuningJobName": "child"}]
    with pytest.raises(Invalid, match="in status InProgress"):
        world.start("grandchild", more=warm)


def test_a_reached_target_stops_what_runs_and_completes(world: World) -> None:
    tuning = world.start(TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 0.5})
    first, second = world.launched
    world.finish(first, 0.4)
    assert world.runner.stopped == [second.arn]
    assert world.now(tuning).status == "InProgress"
    world.finish(second, status="Stopped")
    assert world.now(tuning).status == "Completed"
    assert len(world.trials(tuning)) == 2


def test_no_improvement_ends_the_search_for_good(world: World) -> None:
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    limits = {"MaxParallelTrainingJobs": 2}
    tuning = world.start(TuningJobCompletionCriteria=criteria, limits=limits)
    for number, value in enumerate([1.0, 0.995, 2.0, 0.991]):  # by less than 1 %
        world.finish(world.launched[number], value)
    last = world.launched[-1]
    assert world.now(tuning).closing == "stagnant"
    details = world.tunings.views.describe(world.now(tuning))["TuningJobCompletionDetails"]
    assert details == {"NumberOfTrainingJobsObjectiveNotImproving": 3}
    world.finish(last, 0.1, status="Stopped")  # better, but it is over
    assert world.now(tuning).status == "Completed"
    assert world.tunings.views.best(tuning)[0].name == last.name


def test_time_runs_out(world: World) -> None:
    tuning = world.start(limits={**LIMITS, "MaxRuntimeInSeconds": 120})
    assert world.tunings.look()
    assert world.runner.stopped == []
    world.clock.pass_seconds(120)
    assert world.tunings.look()
    assert len(world.runner.stopped) == 2
    for job in list(world.launched):
        world.finish(job, status="Stopped")
    assert world.now(tuning).status == "Stopped"
    assert not world.tunings.look()


def test_what_falls_behind_is_stopped(world: World) -> None:
    tuning = world.start(TrainingJobEarlyStoppingType="Auto")
    first, second = world.launched
    world.train(first, 1.0, 0.5)
    world.train(second, 3.0)
    world.tunings.look()
    assert world.runner.stopped == []  # nothing has ended that it could be compared with
    world.finish(first, 0.5)
    world.tunings.look()
    assert world.runner.stopped == [second.arn]
    world.finish(second, 3.0, status="Stopped")
    counters = world.tunings.views.describe(world.now(tuning))["TrainingJobStatusCounters"]
    assert (counters["Completed"], counters["Stopped"], counters["InProgress"]) == (1, 1, 1)


def test_hyperband_lets_the_best_third_go_on(world: World) -> None:
    limits = {"MaxParallelTrainingJobs": 3, "MaxNumberOfTrainingJobs": 3}
    world.start(Strategy="Hyperband", StrategyConfig=hyperband(2, 9), limits=limits)
    first, second, third = world.launched
    world.train(first, 1.0, 1.0)
    world.train(second, 0.0, 2.0)
    world.train(third, 0.0)  # not there yet
    world.tunings.look()
    assert world.runner.stopped == []
    world.train(third, 0.0, 3.0)
    world.tunings.look()
    assert world.runner.stopped == [second.arn, third.arn]
    world.train(first, *[1.0] * 9)
    world.tunings.look()
    assert world.runner.stopped == [second.arn, third.arn, first.arn]


def test_without_early_stopping_nobody_looks(world: World) -> None:
    world.start()
    assert not world.tunings.look()
    assert world.woken == 1


def test_five_silent_training_jobs_are_enough(world: World) -> None:
    limits = {"MaxParallelTrainingJobs": 1, "MaxNumberOfTrainingJobs": 50}
    tuning = world.start(limits=limits)
    for number in range(5):
        world.finish(world.launched[number])
    assert world.now(tuning).status == "Failed"
    assert "after running 5 training jobs" in (world.now(tuning).failure_reason or "")


def test_values_that_are_no_numbers_to_compare_by_count_as_none(world: World) -> None:
    tuning = world.start()
    world.finish(world.launched[0], float("nan"))
    world.finish(world.launched[1], float("inf"))
    world.finish(world.launched[2], 1.0)
    assert world.now(tuning).status == "Completed"
    assert [trial.number for trial in world.tunings.views.best(tuning)] == [3]


def test_all_failed_is_failed(world: World) -> None:
    tuning = world.start()
    for number in range(3):
        world.finish(world.launched[number], 1.0, status="Failed")
    assert world.now(tuning).status == "Failed"
    assert (world.now(tuning).failure_reason or "").startswith("All training jobs failed.")
    assert world.tunings.views.best(tuning) == []


def test_a_stop_stops_everything_once(world: World) -> None:
    tuning = world.start()
    world.tunings.stop(tuning.arn)
    world.tunings.stop(tuning.arn)
    assert len(world.runner.stopped) == 2
    assert world.now(tuning).status == "Stopping"
    with pytest.raises(Invalid, match="stop it first"):
        world.tunings.delete(tuning.arn)
    for job in world.launched:
        world.finish(job, 1.0, status="Stopped")
    assert world.now(tuning).status == "Stopped"
    with pytest.raises(Invalid, match="in status Stopped"):
        world.tunings.stop(tuning.arn)
    world.tunings.delete(tuning.arn)
    with pytest.raises(NotFound, match="can't find a tuning job with the name tune"):
        world.tunings.get(tuning.arn)
    world.finish(world.launched[0])  # a late report of a training job whose tuning job is gone


def test_a_restart_submits_what_was_only_named(world: World) -> None:
    tuning = world.start()
    lost = world.launched[1]
    del world.job_store.jobs[lost.arn]
    world.store.put_trial(replace(world.trials(tuning)[1], status="Planned"))
    after = World(world)
    after.jobs.recover()
    after.tunings.recover()
    assert [job.name for job in after.runner.recovered] == [world.launched[0].name]
    assert [job.arn for job in after.launched] == [lost.arn]
    assert after.launched[0].request == lost.request


def test_a_restart_hears_of_what_ended_meanwhile(world: World) -> None:
    tuning = world.start()
    first = world.launched[0]
    ended = replace(
        world.job_store.jobs[first.arn],
        status="Completed",
        ended=5.0,
        result={"FinalMetricDataList": [{"MetricName": "loss", "Value": 4.0}]},
    )
    world.job_store.update(ended)
    after = World(world)
    after.tunings.recover()
    assert after.trials(tuning)[0].value == 4.0
    assert len(after.launched) == 1


def test_a_restart_starts_nothing_of_what_was_stopping(world: World) -> None:
    tuning = world.start()
    world.tunings.stop(tuning.arn)
    for job in world.launched:
        del world.job_store.jobs[job.arn]
    after = World(world)
    after.tunings.recover()
    assert after.launched == []
    assert after.now(tuning).status == "Stopped"


def test_a_training_job_that_is_refused_has_failed(world: World) -> None:
    own = {**world.start("before").request["TrainingJobDefinition"], "TrainingJobName": "tune-001-00000003"}
    world.jobs.submit(Kind.TRAINING, *HOME, own)
    tuning = world.start()
    statuses = [trial.status for trial in world.trials(tuning)]
    assert statuses == ["Failed", "InProgress", "InProgress"]
    assert "already exists" in (world.trials(tuning)[0].failure_reason or "")


def test_a_name_is_taken_once(world: World) -> None:
    world.start()
    with pytest.raises(InUse, match="already exists"):
        world.start()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (request(Strategy="Grid"), "categorical"),
        (request(Strategy="Hyperband", TrainingJobEarlyStoppingType="Auto"), "must be Off"),
        (
            request(Strategy="Hyperband", StrategyConfig=hyperband(9, 3)),
            "MinResource 9 is above MaxResource 3",
        ),
        (request(Strategy="Grid", ParameterRanges=GRID), "the grid has 4 combinations"),
        (request(definition={"StaticHyperParameters": {"x": "1"}}), "not both: x"),
        (request(HyperParameterTuningJobObjective=None), "objective must be given"),
        (request(more={"TrainingJobDefinitions": []}), "Exactly one"),
    ],
)
def test_contradictions_are_refused(world: World, bad: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        world.tunings.create(*HOME, bad)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (
            {"MaxParallelTrainingJobs": 101, "MaxNumberOfTrainingJobs": 3},
            "'.*parallel training jobs.*' is 100",
        ),
        ({"MaxParallelTrainingJobs": 1, "MaxNumberOfTrainingJobs": 751}, "is 750, with a request of 751"),
    ],
)
def test_quotas_are_aws_s(world: World, limits: Any, words: str) -> None:
    with pytest.raises(LimitExceeded, match=words):
        world.start(limits=limits)


def test_a_grid_has_a_quota_too(world: World) -> None:
    values = [str(number) for number in range(30)]
    grid = {"CategoricalParameterRanges": [{"Name": name, "Values": values} for name in "ab"]}
    with pytest.raises(LimitExceeded, match="with a request of 900"):
        world.start(Strategy="Grid", ParameterRanges=grid, limits={"MaxParallelTrainingJobs": 1})


def test_any_seed_is_kept(world: World) -> None:
    assert world.start(RandomSeed=2**70 + 5).seed == 5


def test_several_definitions_need_names_and_one_direction(world: World) -> None:
    base = request()
    definition = {**base.pop("TrainingJobDefinition"), "HyperParameterRanges": CONTINUOUS}
    up = {**definition, "TuningObjective": {"Type": "Maximize", "MetricName": "a"}, "DefinitionName": "up"}
    down = {
        **definition,
        "TuningObjective": {"Type": "Minimize", "MetricName": "b"},
        "DefinitionName": "down",
    }
    with pytest.raises(Invalid, match="same type"):
        world.tunings.create(*HOME, {**base, "TrainingJobDefinitions": [up, down]})
    with pytest.raises(Invalid, match="DefinitionName"):
        world.tunings.create(*HOME, {**base, "TrainingJobDefinitions": [up, up]})


def test_what_is_not_there_is_named(world: World) -> None:
    criteria = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    with pytest.raises(NotThere, match="convergence"):
        world.start(TuningJobCompletionCriteria=criteria)
    with pytest.raises(NotThere, match="Autotune"):
        world.start(more={"Autotune": {"Mode": "Enabled"}})


def test_nothing_moves_but_along_the_table() -> None:
    with pytest.raises(IllegalMoveError):
        next_status("Completed", "stop")

"""Tuning jobs that really run: training jobs, the best of them, stops, failures, completion criteria."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.tunings import (
    BUCKET,
    REFUSING,
    SCORE,
    SILENT,
    WAITING,
    XGBOOST,
    Bench,
    definition,
)

Client = Callable[..., Any]


@pytest.fixture
def bench(client: Client) -> Bench:
    return Bench.over(client("sagemaker"), client("s3"))


def test_the_best_training_job_is_found_and_its_model_is_where_sdks_look(bench: Bench) -> None:
    tags = [{"Key": "team", "Value": "ds"}]
    arn = bench.start("finds", request={"Tags": tags}, jobs=3, parallel=2)
    found = bench.wait("finds")
    assert found["HyperParameterTuningJobStatus"] == "Completed", bench.trainings("finds")
    assert found["TrainingJobStatusCounters"]["Completed"] == 3
    assert found["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    trainings = bench.trainings("finds")
    assert [job["TrainingJobName"][:10] for job in trainings] == ["finds-001-", "finds-002-", "finds-003-"]
    best = found["BestTrainingJob"]
    values = [job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for job in trainings]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == max(values)
    assert max(values) == pytest.approx(-abs(float(best["TunedHyperParameters"]["x"]) - 3), abs=1e-6)
    job = bench.sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert job["TuningJobArn"] == arn
    assert job["HyperParameters"]["_tuning_objective_metric"] == "score"
    assert job["HyperParameters"]["x"] == best["TunedHyperParameters"]["x"]
    key = f"tuned/{best['TrainingJobName']}/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/{key}"
    bench.s3.head_object(Bucket=BUCKET, Key=key)
    assert bench.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == tags
    assert bench.sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags


def test_training_jobs_are_sorted_filtered_and_paged(bench: Bench) -> None:
    bench.start("lists", jobs=3, parallel=3)
    bench.wait("lists")
    best_first = bench.trainings("lists", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    values = [job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for job in best_first]
    assert values == sorted(values, reverse=True)
    assert bench.trainings("lists", StatusEquals="Failed") == []
    pages = bench.sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
        HyperParameterTuningJobName="lists", PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["TrainingJobSummaries"]) for page in pages]
    assert sizes == [2, 1]
    listed = bench.sagemaker.list_hyper_parameter_tuning_jobs(NameContains="lists", StatusEquals="Completed")
    [summary] = listed["HyperParameterTuningJobSummaries"]
    assert (summary["Strategy"], summary["TrainingJobStatusCounters"]["Completed"]) == ("Random", 3)


def test_one_seed_draws_the_same_values_twice(bench: Bench) -> None:
    for name in ("seed-a", "seed-b"):
        bench.start(name, jobs=2, parallel=2)
    for name in ("seed-a", "seed-b"):
        bench.wait(name)
    drawn = [[job["TunedHyperParameters"] for job in bench.trainings(name)] for name in ("seed-a", "seed-b")]
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


def test_a_grid_has_every_combination_once(bench: Bench) -> None:
    grid = {
        "CategoricalParameterRanges": [
            {"Name": "x", "Values": ["1", "2"]},
            {"Name": "depth", "Values": ["3", "4"]},
        ]
    }
    limits = {"MaxParallelTrainingJobs": 4}
    bench.start("grid", Strategy="Grid", ParameterRanges=grid, ResourceLimits=limits)
    assert bench.wait("grid")["HyperParameterTuningJobStatus"] == "Completed"
    tried = {tuple(sorted(job["TunedHyperParameters"].items())) for job in bench.trainings("grid")}
    assert tried == {(("depth", depth), ("x", x)) for depth in "34" for x in "12"}


def test_bayesian_search_goes_on_from_a_parent(bench: Bench) -> None:
    bench.start("parent", Strategy="Bayesian", jobs=6, parallel=3)
    parent = bench.wait("parent")
    assert parent["HyperParameterTuningJobStatus"] == "Completed"
    warm = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    bench.start("child", Strategy="Bayesian", jobs=2, parallel=1, request={"WarmStartConfig": warm})
    child = bench.wait("child")
    values = [
        found["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        for found in (parent["BestTrainingJob"], child["BestTrainingJob"], child["OverallBestTrainingJob"])
    ]
    assert values[2] == max(values[:2])


def test_a_tuning_job_of_which_every_training_job_fails_has_failed(bench: Bench) -> None:
    bench.start("fails", REFUSING, jobs=2, parallel=2)
    found = bench.wait("fails")
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert found["FailureReason"].startswith("All training jobs failed.")
    assert found["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    assert "BestTrainingJob" not in found
    assert bench.trainings("fails")[0]["FailureReason"].startswith("AlgorithmError")


def test_a_metric_that_nobody_prints_fails_the_tuning_job(bench: Bench) -> None:
    bench.start("silent", SILENT, jobs=1, parallel=1)
    found = bench.wait("silent")
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert "No objective metrics found after running 1 training jobs" in found["FailureReason"]


def test_stopping_stops_the_training_jobs_too(bench: Bench) -> None:
    bench.start("stops", WAITING, jobs=4, parallel=2)
    names = [job["TrainingJobName"] for job in bench.trainings("stops")]
    assert len(names) == 2
    bench.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")
    found = bench.wait("stops")
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert len(bench.trainings("stops")) == 2
    for name in names:
        assert bench.sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Stopped"
    with pytest.raises(ClientError, match="is in status Stopped"):
        bench.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")


def test_a_reached_target_ends_the_search(bench: Bench) -> None:
    bench.start(
        "target", jobs=50, parallel=1, TuningJobCompletionCriteria={"TargetObjectiveMetricValue": -10}
    )
    found = bench.wait("target")
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert len(bench.trainings("target")) == 1


def test_a_training_job_that_falls_behind_is_stopped(bench: Bench) -> None:
    # The first good one ends by itself; those below would run for long.
    script = SCORE.replace(
        'print(f"score={-abs(given.x - 3)}")',
        'import time\nprint(f"score={given.x}", flush=True)\ntime.sleep(0 if given.x == 9 else 100)',
    )
    grid = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["9", "1"]}]}
    limits = {"MaxParallelTrainingJobs": 1}
    bench.start(
        "early",
        script,
        Strategy="Grid",
        ParameterRanges=grid,
        ResourceLimits=limits,
        TrainingJobEarlyStoppingType="Auto",
    )
    found = bench.wait("early")
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert [job["TrainingJobStatus"] for job in bench.trainings("early")] == ["Completed", "Stopped"]
    assert found["BestTrainingJob"]["TunedHyperParameters"] == {"x": "9"}


def test_the_built_in_algorithm_is_tuned_by_a_metric_of_its_own(bench: Bench) -> None:
    rows = "".join(f"{x % 7 + x / 50},{x % 7},{x / 50}\n" for x in range(60))
    for channel in ("train", "validation"):
        bench.s3.put_object(Bucket=BUCKET, Key=f"data/{channel}/data.csv", Body=rows.encode())
    channels = [
        {
            "ChannelName": channel,
            "ContentType": "text/csv",
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data/{channel}"}
            },
        }
        for channel in ("train", "validation")
    ]
    built_in = definition("", StaticHyperParameters={"num_round": "3"}, InputDataConfig=channels)
    built_in["AlgorithmSpecification"] = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
    ranges = {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.05", "MaxValue": "0.9", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "5"}],
    }
    bench.start(
        "built-in",
        request={"TrainingJobDefinition": built_in},
        jobs=3,
        parallel=3,
        Strategy="Bayesian",
        ParameterRanges=ranges,
        HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "validation:mae"},
    )
    found = bench.wait("built-in")
    assert found["HyperParameterTuningJobStatus"] == "Completed", bench.trainings("built-in")
    objectives = [job["FinalHyperParameterTuningJobObjectiveMetric"] for job in bench.trainings("built-in")]
    best = found["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]
    assert best == min(objectives, key=lambda objective: objective["Value"])
    assert best["MetricName"] == "validation:mae"


def test_hyperband_ends_training_jobs_at_the_last_epoch(bench: Bench) -> None:
    script = SCORE.replace(
        'print(f"score={-abs(given.x - 3)}")',
        "import time\nfor _ in range(2): print(f'score={given.x}', flush=True)\ntime.sleep(100)",
    )
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 2}}
    bench.start("hyperband", script, jobs=2, parallel=2, Strategy="Hyperband", StrategyConfig=resources)
    found = bench.wait("hyperband")
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["TrainingJobStatusCounters"]["Stopped"] == 2
    assert found["ObjectiveStatusCounters"]["Succeeded"] == 2


def test_several_definitions_take_turns(bench: Bench) -> None:
    code = bench.code(SCORE)
    ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "10"}]}
    objective = {"Type": "Maximize", "MetricName": "score"}
    definitions = [
        definition(code, DefinitionName=name, HyperParameterRanges=ranges, TuningObjective=objective)
        for name in ("one", "two")
    ]
    bench.sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="several",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "ResourceLimits": {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 2},
        },
        TrainingJobDefinitions=definitions,
    )
    assert bench.wait("several")["HyperParameterTuningJobStatus"] == "Completed"
    used = sorted(job["TrainingJobDefinitionName"] for job in bench.trainings("several"))
    assert used == ["one", "two"]


def test_what_has_ended_can_be_deleted_and_its_training_jobs_stay(bench: Bench) -> None:
    bench.start("deleted", jobs=1, parallel=1)
    bench.wait("deleted")
    [job] = bench.trainings("deleted")
    bench.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="deleted")
    with pytest.raises(ClientError) as caught:
        bench.describe("deleted")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    bench.sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])


def test_what_cannot_be_done_is_refused(bench: Bench) -> None:
    bench.start("taken", jobs=1, parallel=1)
    with pytest.raises(ClientError, match="already exists") as caught:
        bench.start("taken")
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"
    criteria = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    with pytest.raises(ClientError, match="convergence"):
        bench.start("refused", TuningJobCompletionCriteria=criteria)
    with pytest.raises(ClientError, match="Autotune"):
        bench.start("refused", request={"Autotune": {"Mode": "Enabled"}})
    with pytest.raises(ClientError, match="Provide a metric in the metric definitions"):
        bench.start(
            "refused", HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "not-there"}
        )
    with pytest.raises(ClientError, match="can't find a tuning job with the name nobody"):
        bench.start(
            "refused",
            request={
                "WarmStartConfig": {
                    "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "nobody"}],
                    "WarmStartType": "TransferLearning",
                }
            },
        )
    bench.wait("taken")


def test_time_is_up_for_a_tuning_job_too(bench: Bench) -> None:
    """MaxRuntimeInSeconds is 120 at least, so here only that it is kept and shown."""
    limits = {"MaxParallelTrainingJobs": 1, "MaxNumberOfTrainingJobs": 1, "MaxRuntimeInSeconds": 120}
    bench.start("timed", ResourceLimits=limits)
    found = bench.wait("timed")
    assert found["HyperParameterTuningJobConfig"]["ResourceLimits"] == limits
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert time.time() - found["CreationTime"].timestamp() < 120

"""Transform jobs with real serving processes: what they write, and how they fail."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from ropeway.sandbox.domain.jobs.model import Container
from tests.sandbox.jobs.conftest import PYTHON, SKLEARN, XGBOOST, Build, World
from tests.sandbox.transform.conftest import ECHO, archive, output, put_booster, put_script, transform

ROWS = [[0.5, 1.0, 2.0], [-1.0, 0.25, 3.5], [2.0, -0.5, 0.0]]
TEXT = "".join(",".join(map(str, row)) + "\n" for row in ROWS)


def expected(booster: Any) -> list[str]:
    return [str(score) for score in booster.predict(xgboost.DMatrix(np.array(ROWS, np.float32))).tolist()]


def test_every_row_has_its_prediction_in_an_object_beside_its_input(world: World, booster: Any) -> None:
    world.put("s3://bucket/in/a.csv", TEXT)
    world.put("s3://bucket/in/deep/b.csv", TEXT[: TEXT.index("\n") + 1])
    world.put("s3://bucket/in/empty.csv", "")
    job = transform(world, put_booster(world, booster))
    outcome = world.run(job)
    assert outcome.status == "Completed", (outcome, world.log(job))
    assert output(world, "a.csv.out").splitlines() == expected(booster)
    assert output(world, "deep/b.csv.out").splitlines() == expected(booster)[:1]
    assert output(world, "empty.csv.out") == ""


def test_the_join_takes_the_unfiltered_row(world: World, booster: Any) -> None:
    world.put("s3://bucket/in/a.csv", "".join(f"id{n},{line}\n" for n, line in enumerate(TEXT.split())))
    config = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    job = transform(world, put_booster(world, booster), DataProcessing=config)
    assert world.run(job).status == "Completed", world.log(job)
    scores = expected(booster)
    assert output(world, "a.csv.out").splitlines() == [f"id{n},{score}" for n, score in enumerate(scores)]


def test_single_records_in_parallel_keep_their_order(world: World, booster: Any) -> None:
    world.put("s3://bucket/in/a.csv", TEXT * 40)
    job = transform(
        world, put_booster(world, booster), BatchStrategy="SingleRecord", MaxConcurrentTransforms=4
    )
    assert world.run(job).status == "Completed", world.log(job)
    assert output(world, "a.csv.out").splitlines() == expected(booster) * 40


def test_compressed_input_of_many_payloads_is_read_as_its_content(world: World) -> None:
    lines = "".join(f"{n},{'x' * 90}\n" for n in range(30_000))
    world.put("s3://bucket/in/a.csv.gz", gzip.compress(lines.encode(), 1))
    echo = put_script(world, SKLEARN, ECHO)
    job = transform(world, echo, compression="Gzip", MaxPayloadInMB=1, accept="text/csv")
    assert world.run(job).status == "Completed", world.log(job)
    assert output(world, "a.csv.gz.out") == lines


def test_the_container_knows_the_transform(world: World) -> None:
    source = "import os, json\ndef model_fn(d): return None\n"
    source += "def transform_fn(m, b, c, a): return json.dumps(dict(os.environ)), 'application/json'\n"
    world.put("s3://bucket/in/a.csv", "1\n")
    container = put_script(world, SKLEARN, source, MINE="container", BOTH="container")
    job = transform(world, container, Environment={"BOTH": "job"}, BatchStrategy="SingleRecord")
    assert world.run(job).status == "Completed", world.log(job)
    env = json.loads(output(world, "a.csv.out"))
    assert (env["MINE"], env["BOTH"]) == ("container", "job")
    assert env["SAGEMAKER_BATCH"] == "true"
    assert env["SAGEMAKER_MAX_PAYLOAD_IN_MB"] == "6"
    assert env["SAGEMAKER_BATCH_STRATEGY"] == "SINGLE_RECORD"
    assert "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS" not in env
    assert env["AWS_ACCESS_KEY_ID"]


def test_containers_are_chained(world: World) -> None:
    source = "def model_fn(d): return None\n"
    source += "def transform_fn(m, b, c, a): return b.replace('\\n', '{}\\n'), 'text/csv'\n"
    world.put("s3://bucket/in/a.csv", "1\n2\n")
    chain = [put_script(world, SKLEARN, source.format(mark), mark) for mark in ("x", "y")]
    job = transform(world, *chain)
    assert world.run(job).status == "Completed", world.log(job)
    assert output(world, "a.csv.out") == "1xy\n2xy\n"


def test_json_lines_get_a_member_with_the_answer(world: World) -> None:
    source = "import json\ndef model_fn(d): return None\ndef transform_fn(m, b, c, a):\n"
    source += "    return ''.join(json.dumps(2 * json.loads(l)) + '\\n' for l in b.split()), a\n"
    world.put("s3://bucket/in/a.jsonl", '{"id": 7, "x": 1}\n{"id": 8, "x": 4}\n')
    config = {
        "InputFilter": "$.x",
        "JoinSource": "Input",
        "OutputFilter": "$['id','SageMakerOutput']",
    }
    kind = "application/jsonlines"
    container = put_script(world, SKLEARN, source)
    job = transform(world, container, content_type=kind, accept=kind, DataProcessing=config)
    assert world.run(job).status == "Completed", world.log(job)
    lines = [json.loads(line) for line in output(world, "a.jsonl.out").splitlines()]
    assert lines == [{"id": 7, "SageMakerOutput": 2}, {"id": 8, "SageMakerOutput": 8}]


def test_a_refused_request_fails_the_job_and_the_log_says_why(world: World, booster: Any) -> None:
    world.put("s3://bucket/in/a.csv", "1,2,3,4,5\n")
    job = transform(world, put_booster(world, booster))
    outcome = world.run(job)
    assert outcome.status == "Failed"
    assert outcome.failure_reason == "ClientError: See job logs for more information"
    assert "bucket/in/a.csv: Bad HTTP status received from algorithm: 400" in world.log(job)
    assert "Feature size of csv inference data 5" in world.log(job)


def test_csv_without_its_content_type_is_read_as_libsvm(world: World, booster: Any) -> None:
    world.put("s3://bucket/in/a.csv", TEXT)
    job = transform(world, put_booster(world, booster))
    given = {name: value for name, value in job.request["TransformInput"].items() if name != "ContentType"}
    job = type(job)(**{**vars(job), "request": {**job.request, "TransformInput": given}})
    assert world.run(job).status == "Failed"
    assert "is not in libsvm format" in world.log(job)


def test_a_script_that_raises_fails_the_job_after_its_retries(world: World) -> None:
    world.put("s3://bucket/in/a.csv", "boom\n")
    echo = put_script(world, SKLEARN, ECHO)
    job = transform(world, echo, ModelClientConfig={"InvocationsMaxRetries": 1})
    outcome = world.run(job)
    assert outcome.failure_reason == "ClientError: See job logs for more information"
    assert world.log(job).count('raise ValueError("boom came")') == 2
    assert "received from algorithm: 500" in world.log(job)


def test_a_container_that_dies_fails_the_job(world: World) -> None:
    world.put("s3://bucket/in/a.csv", "die\n")
    outcome = world.run(transform(world, put_script(world, SKLEARN, ECHO)))
    assert outcome.status == "Failed"
    assert "the container ended, exit code: 7" in (outcome.failure_reason or "")


def test_an_answer_that_is_late_fails_the_job(world: World) -> None:
    source = "import time\ndef model_fn(d): return None\ndef transform_fn(m, b, c, a): time.sleep(60)\n"
    world.put("s3://bucket/in/a.csv", "1\n")
    config = {"InvocationsMaxRetries": 0, "InvocationsTimeoutInSeconds": 1}
    outcome = world.run(transform(world, put_script(world, SKLEARN, source), ModelClientConfig=config))
    assert outcome.status == "Failed"
    assert "did not answer /invocations within 1 s" in (outcome.failure_reason or "")


def test_a_model_that_cannot_be_loaded_fails_the_job(world: World) -> None:
    world.put("s3://bucket/in/a.csv", TEXT)
    uri = world.put("s3://bucket/bad.tar.gz", archive({"xgboost-model": "no model"}))
    job = transform(world, Container(XGBOOST, uri))
    outcome = world.run(job)
    assert "ended before it answered /ping, exit code: 1" in (outcome.failure_reason or "")
    assert "neither a pickled Booster nor saved by it" in world.log(job)


def test_an_archive_that_points_outside_is_refused(world: World, tmp_path: Path) -> None:
    world.put("s3://bucket/in/a.csv", TEXT)
    uri = world.put("s3://bucket/evil.tar.gz", archive({"../../../escaped": "x"}))
    outcome = world.run(transform(world, Container(XGBOOST, uri)))
    assert "evil.tar.gz could not be unpacked" in (outcome.failure_reason or "")
    # Work folders go away meanwhile, which os.walk does not mind.
    assert not [folder for folder, _, files in os.walk(tmp_path) if "escaped" in files]


@pytest.mark.parametrize(
    ("content", "extra", "reason"),
    [
        ("1,2,3\n", {"split": "RecordIO"}, "does not split by RecordIO"),
        ("x" * (1 << 20) + "yyy\n", {"MaxPayloadInMB": 1}, "larger than MaxPayloadInMB (1 MB)"),
        ("1,2,3\n", {"uri": "s3://bucket/nothing/"}, "No S3 objects found under S3 URL"),
        ("1,2,3\n", {"compression": "Gzip"}, "is not gzip-compressed"),
        ("1,2,3\n", {"DataProcessing": {"InputFilter": "$..x"}}, "is not understood at '..x'"),
        ("1,2,3\n", {"DataProcessing": {"InputFilter": "$[9]"}}, "selects nothing of a record"),
    ],
)
def test_what_cannot_run_says_why(
    world: World, booster: Any, content: str, extra: dict[str, Any], reason: str
) -> None:
    world.put("s3://bucket/in/a.csv", content)
    outcome = world.run(transform(world, put_booster(world, booster), **extra))
    assert outcome.status == "Failed"
    assert reason in (outcome.failure_reason or "")


def test_an_image_that_cannot_serve_says_so(world: World) -> None:
    world.put("s3://bucket/in/a.csv", TEXT)
    outcome = world.run(transform(world, Container(PYTHON, None)))
    assert "has no serve command of its own" in (outcome.failure_reason or "")


def test_a_stopped_job_leaves_no_container(build: Build) -> None:
    world = build(grace=0.2)
    source = "import os, time\ndef model_fn(d): return None\n"
    source += "def transform_fn(m, b, c, a):\n    print('pid', os.getpid(), flush=True)\n    time.sleep(60)\n"
    world.put("s3://bucket/in/a.csv", "1\n")
    job = transform(world, put_script(world, SKLEARN, source))
    world.runner.launch(job)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (_log(world, job) and "pid " in _log(world, job)):
        threading.Event().wait(0.05)
    pid = _log(world, job).split("pid ")[1].split()[0]
    world.runner.stop(job.arn)
    assert world.reports.wait(job.arn).status == "Stopped"
    assert not Path(f"/proc/{pid}").exists()


def test_after_a_restart_a_job_begins_anew_and_its_old_containers_are_gone(build: Build) -> None:
    world = build()
    source = "import os, pathlib, time\ndef model_fn(d): return None\n"
    source += "def transform_fn(m, b, c, a):\n    print('pid', os.getpid(), flush=True)\n"
    source += "    mark = pathlib.Path(os.environ['MARK'])\n    if not mark.exists():\n"
    source += "        mark.touch()\n        time.sleep(60)\n    return b, c\n"
    world.put("s3://bucket/in/a.csv", "1\n")
    mark = {"MARK": str(world.state / "mark")}
    echo = put_script(world, SKLEARN, ECHO, "echo")
    job = transform(world, echo, put_script(world, SKLEARN, source, "slow", **mark))
    world.runner.launch(job)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and "pid " not in _log(world, job):
        threading.Event().wait(0.05)
    pid = _log(world, job).split("pid ")[1].split()[0]
    world.runner.close()
    world.processes.close()
    successor = build()
    successor.runner.recover(job)
    assert successor.reports.wait(job.arn).status == "Completed", _log(world, job)
    assert output(successor, "a.csv.out") == "1\n"
    assert not Path(f"/proc/{pid}").exists()


def _log(world: World, job: Any) -> str:
    try:
        return world.log(job)
    except FileNotFoundError:
        return ""

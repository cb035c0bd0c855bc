"""Failure is as real as success: AWS's statuses and reasons when jobs go wrong."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.acceptance.conftest import Account, processing_input, processing_output


def test_a_script_that_raises_fails_the_job_and_its_traceback_is_in_the_log(account: Account) -> None:
    name = account.process("raise ValueError('no such column')")
    job = account.processed(name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "AlgorithmError" in job["FailureReason"]
    assert "exit code: 1" in job["FailureReason"]
    group = "/aws/sagemaker/ProcessingJobs"
    streams = account.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)["logStreams"]
    events = account.logs.get_log_events(logGroupName=group, logStreamName=streams[0]["logStreamName"])[
        "events"
    ]
    assert any("ValueError: no such column" in event["message"] for event in events)


def test_a_script_that_is_killed_fails_with_the_signal_s_exit_code(account: Account) -> None:
    job = account.processed(account.process("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert job["ProcessingJobStatus"] == "Failed"
    assert "137" in job["FailureReason"]


def test_a_script_s_own_words_are_the_exit_message(account: Account) -> None:
    script = (
        "import pathlib, sys\n"
        "pathlib.Path('/opt/ml/output').mkdir(parents=True, exist_ok=True)\n"
        "pathlib.Path('/opt/ml/output/message').write_text('rows: 12')\n"
    )
    job = account.processed(account.process(script))
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ExitMessage"] == "rows: 12"


def test_a_job_over_its_time_is_stopped(account: Account) -> None:
    name = account.process("import time; time.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = account.processed(name, seconds=30)
    assert job["ProcessingJobStatus"] in {"Stopped", "Failed"}
    assert "MaxRuntime" in job["FailureReason"]


def test_a_missing_input_is_named(account: Account) -> None:
    uri = f"s3://{account.bucket}/nothing/here"
    name = account.process("pass", inputs=[processing_input("data", uri, "/opt/ml/processing/input/data")])
    job = account.processed(name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert uri in job["FailureReason"]


def test_an_unknown_image_names_the_table_of_runtimes(account: Account) -> None:
    job = account.processed(account.process("pass", image="example.com/own/image:1"))
    assert job["ProcessingJobStatus"] == "Failed"
    assert "example.com/own/image:1" in job["FailureReason"]
    assert "runtimes.toml" in job["FailureReason"]


def test_a_script_that_writes_no_output_completes_with_an_empty_output(account: Account) -> None:
    output = processing_output("out", f"s3://{account.bucket}/out", "/opt/ml/processing/out")
    name = account.process("pass", ProcessingOutputConfig={"Outputs": [output]})
    assert account.processed(name)["ProcessingJobStatus"] == "Completed"
    assert account.keys("out/") == []


def test_a_running_job_is_stopped_on_request(account: Account) -> None:
    name = account.process("import time; time.sleep(60)")
    time.sleep(0.3)
    account.sagemaker.stop_processing_job(ProcessingJobName=name)
    job = account.processed(name)
    assert job["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(ClientError):
        account.sagemaker.stop_processing_job(ProcessingJobName="never-was")


def test_two_jobs_at_once_each_see_their_own_opt_ml(account: Account) -> None:
    script = (
        "import pathlib, time\n"
        "folder = pathlib.Path('/opt/ml/processing/out')\n"
        "(folder / 'mine').write_text(pathlib.Path('/opt/ml/processing/input/data/value').read_text())\n"
        "time.sleep(0.5)\n"
        "assert len(list(folder.iterdir())) == 1\n"
    )
    names = []
    for value in ("a", "b"):
        data = account.put(f"in-{value}/value", value)
        output = processing_output("out", f"s3://{account.bucket}/both-{value}", "/opt/ml/processing/out")
        names.append(
            account.process(
                script,
                inputs=[processing_input("data", data, "/opt/ml/processing/input/data")],
                ProcessingOutputConfig={"Outputs": [output]},
            )
        )
    for name in names:
        job = account.processed(name)
        assert job["ProcessingJobStatus"] == "Completed", job
    assert account.get(f"s3://{account.bucket}/both-a/mine") == b"a"
    assert account.get(f"s3://{account.bucket}/both-b/mine") == b"b"


def test_a_job_that_rewrites_its_input_changes_nothing_in_s3(account: Account) -> None:
    data = account.put("kept/data.csv", "1,2\n")
    script = "open('/opt/ml/processing/input/data/data.csv', 'w').write('gone')"
    name = account.process(script, inputs=[processing_input("data", data, "/opt/ml/processing/input/data")])
    assert account.processed(name)["ProcessingJobStatus"] == "Completed"
    assert account.get(data) == b"1,2\n"


def test_a_job_talks_to_the_sandbox_as_its_role(account: Account) -> None:
    script = (
        "import boto3\n"
        "arn = boto3.client('sts').get_caller_identity()['Arn']\n"
        "assert ':assumed-role/RopewayExecutionRole/' in arn, arn\n"
    )
    job = account.processed(account.process(script))
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")

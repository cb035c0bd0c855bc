"""Distributed Map states: items of S3, child executions, batches, tolerated failures, results in S3, Map Runs."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.stepfunctions.conftest import Machines

Client = Callable[..., Any]

LIST, GET, PUT = (f"arn:aws:states:::s3:{name}" for name in ("listObjectsV2", "getObject", "putObject"))
ECHO = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
PICKY = {
    "StartAt": "I",
    "States": {
        "I": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 0, "Next": "Bad"}],
            "Default": "Good",
        },
        "Bad": {"Type": "Fail", "Error": "Negative", "Cause": "below zero"},
        "Good": {"Type": "Pass", "End": True},
    },
}


def mapped(inner: dict[str, Any] = ECHO, *, kind: str = "STANDARD", **more: Any) -> dict[str, Any]:
    """A machine of one distributed Map state."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    state = {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **inner}, "End": True, **more}
    return {"StartAt": "M", "States": {"M": state}}


@pytest.fixture
def bucket(client: Client) -> str:
    name = f"items-{uuid.uuid4().hex[:12]}"
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key, text in {
        "list/a": "1",
        "list/b": "22",
        "rows.csv": "id,name\n1,one\n2,two\n",
        "bare.csv": "1|one\n2|two\n",
        "items.json": '{"all": {"deep": [{"n": 1}, {"n": 2}]}}',
        "items.jsonl": '{"n": 1}\n{"n": -2}\n\n{"n": 3}\n{"n": 4}\n',
    }.items():
        s3.put_object(Bucket=name, Key=key, Body=text.encode())
    return name


def reader(bucket: str, key: str, **config: Any) -> dict[str, Any]:
    return {"Resource": GET, "Parameters": {"Bucket": bucket, "Key": key}, "ReaderConfig": config}


def runs(machines: Machines, told: Any) -> Any:
    """The Map Run of an execution."""
    (run,) = machines.states.list_map_runs(executionArn=told["executionArn"])["mapRuns"]
    return machines.states.describe_map_run(mapRunArn=run["mapRunArn"])


def test_items_of_the_input_run_as_executions_of_their_own(machines: Machines) -> None:
    selector = {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "k.$": "$.k"}
    machine = mapped(ItemsPath="$.items", ItemSelector=selector, Label="each", MaxConcurrency=2)
    told = machines.run(machine, {"items": ["a", "b", "c"], "k": 9})
    assert told["output"] == [{"v": v, "i": i, "k": 9} for i, v in enumerate("abc")]
    kinds = [event["type"] for event in machines.history(told["executionArn"])]
    assert kinds == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    run = runs(machines, told)
    assert (run["status"], run["maxConcurrency"]) == ("SUCCEEDED", 2)
    for counts in (run["itemCounts"], run["executionCounts"]):
        assert (counts["succeeded"], counts["total"], counts["pending"]) == (3, 3, 0)
    children = machines.states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert len(children) == 3
    child = machines.states.describe_execution(executionArn=children[0]["executionArn"])
    assert child["stateMachineArn"].endswith("/each")
    assert child["mapRunArn"] == run["mapRunArn"]
    assert "PassStateExited" in [each["type"] for each in machines.history(child["executionArn"])]
    own = told["stateMachineArn"]
    assert len(machines.states.list_executions(stateMachineArn=own)["executions"]) == 1


@pytest.mark.parametrize(
    ("key", "config", "items"),
    [
        (
            "rows.csv",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            [{"id": "1", "name": "one"}, {"id": "2", "name": "two"}],
        ),
        (
            "bare.csv",
            {
                "InputType": "CSV",
                "CSVHeaderLocation": "GIVEN",
                "CSVHeaders": ["n", "w"],
                "CSVDelimiter": "PIPE",
                "MaxItems": 1,
            },
            [{"n": "1", "w": "one"}],
        ),
        ("items.json", {"InputType": "JSON", "ItemsPointer": "/all/deep"}, [{"n": 1}, {"n": 2}]),
        ("items.jsonl", {"InputType": "JSONL", "MaxItemsPath": "$.most"}, [{"n": 1}, {"n": -2}]),
    ],
)
def test_items_are_read_from_one_object(
    machines: Machines, bucket: str, key: str, config: dict[str, Any], items: list[Any]
) -> None:
    told = machines.run(mapped(kind="EXPRESS", ItemReader=reader(bucket, key, **config)), {"most": 2})
    assert (told["status"], told.get("output")) == ("SUCCEEDED", items), told.get("cause")


def test_items_are_the_objects_of_a_bucket(machines: Machines, bucket: str) -> None:
    source = {"Resource": LIST, "Parameters": {"Bucket.$": "$.bucket", "Prefix": "list/"}}
    told = machines.run(mapped(ItemReader=source), {"bucket": bucket})
    assert [(item["Key"], item["Size"]) for item in told["output"]] == [("list/a", 1), ("list/b", 2)]


def test_batches_and_jsonata(machines: Machines, bucket: str) -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": "{% $states.input %}", "End": True}}}
    source = {
        "Resource": GET,
        "Arguments": {"Bucket": "{% $states.input.b %}", "Key": "items.jsonl"},
        "ReaderConfig": {"InputType": "JSONL"},
    }
    more: dict[str, Any] = {
        "ItemReader": source,
        "ItemSelector": "{% $states.context.Map.Item.Value.n %}",
        "ItemBatcher": {"MaxItemsPerBatch": 3, "BatchInput": {"from": "{% $states.input.b %}"}},
        "Output": "{% $states.result %}",
    }
    told = machines.run({"QueryLanguage": "JSONata", **mapped(inner, **more)}, {"b": bucket})
    shared = {"from": bucket}
    assert told["output"] == [
        {"BatchInput": shared, "Items": [1, -2, 3]},
        {"BatchInput": shared, "Items": [4]},
    ]
    counts = runs(machines, told)
    assert (counts["itemCounts"]["total"], counts["executionCounts"]["total"]) == (4, 2)


def test_failures_are_tolerated_up_to_a_number_or_a_share(machines: Machines, bucket: str) -> None:
    source = reader(bucket, "items.jsonl", InputType="JSONL")
    told = machines.run(mapped(PICKY, ItemReader=source))
    assert (told["status"], told["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    assert runs(machines, told)["status"] == "FAILED"
    tolerances: list[dict[str, Any]] = [{"ToleratedFailureCount": 1}, {"ToleratedFailurePercentage": 25}]
    for tolerance in tolerances:
        told = machines.run(mapped(PICKY, ItemReader=source, **tolerance))
        assert told["output"] == [{"n": 1}, {"n": 3}, {"n": 4}]
        counts = runs(machines, told)["itemCounts"]
        assert (counts["succeeded"], counts["failed"]) == (3, 1)
    caught = mapped(PICKY, ItemReader=source, ToleratedFailurePercentage=24)
    caught["States"]["M"]["Catch"] = [
        {"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "B"}
    ]
    caught["States"]["B"] = {"Type": "Pass", "Result": "caught", "End": True}
    assert machines.run(caught)["output"] == "caught"


def test_results_are_written_to_s3(machines: Machines, client: Client, bucket: str) -> None:
    source = reader(bucket, "items.jsonl", InputType="JSONL")
    writer = {"Resource": PUT, "Parameters": {"Bucket": bucket, "Prefix": "results"}}
    told = machines.run(mapped(PICKY, ItemReader=source, ResultWriter=writer, ToleratedFailureCount=1))
    run = runs(machines, told)
    assert told["output"]["MapRunArn"] == run["mapRunArn"]
    assert run["itemCounts"]["resultsWritten"] == 4
    place = told["output"]["ResultWriterDetails"]
    s3 = client("s3")
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=place["Key"])["Body"].read())
    assert manifest["MapRunArn"] == run["mapRunArn"]
    written = {}
    for kind, files in manifest["ResultFiles"].items():
        found = [json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in files]
        written[kind] = [each for file in found for each in file]
    assert [json.loads(each["Output"]) for each in written["SUCCEEDED"]] == [{"n": 1}, {"n": 3}, {"n": 4}]
    assert [(each["Error"], json.loads(each["Input"])) for each in written["FAILED"]] == [
        ("Negative", {"n": -2})
    ]
    assert written["PENDING"] == []


def test_what_cannot_be_read_or_written_is_an_error_of_the_state(machines: Machines, bucket: str) -> None:
    for key, config in (("none", {"InputType": "JSON"}), ("rows.csv", {"InputType": "JSON"})):
        told = machines.run(mapped(ItemReader=reader(bucket, key, **config)))
        assert (told["status"], told["error"]) == ("FAILED", "States.ItemReaderFailed")
    writer = {"Resource": PUT, "Parameters": {"Bucket": "no-such-bucket", "Prefix": "r"}}
    told = machines.run(mapped(ResultWriter=writer), [1])
    assert (told["status"], told["error"]) == ("FAILED", "States.ResultWriterFailed")


def test_no_items_are_no_executions(machines: Machines) -> None:
    told = machines.run(mapped(), [])
    assert told["output"] == []
    assert runs(machines, told)["itemCounts"]["total"] == 0


def test_a_run_is_changed_and_stopped_with_its_execution(machines: Machines) -> None:
    activity = machines.states.create_activity(name=f"slow-{uuid.uuid4().hex[:8]}")["activityArn"]
    inner = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}
    arn = machines.start(mapped(inner, MaxConcurrency=1), [1, 2, 3])
    first = machines.states.get_activity_task(activityArn=activity)
    run = runs(machines, {"executionArn": arn})
    assert (run["status"], run["itemCounts"]["running"], run["itemCounts"]["pending"]) == ("RUNNING", 1, 2)
    machines.states.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=2, toleratedFailureCount=1)
    second = machines.states.get_activity_task(activityArn=activity)
    assert {first["input"], second["input"]} == {"1", "2"}
    machines.states.send_task_failure(taskToken=first["taskToken"], error="E")
    third = machines.states.get_activity_task(activityArn=activity)
    assert third["input"] == "3"
    machines.states.stop_execution(executionArn=arn)
    ended = threading.Event()
    for _ in range(200):
        run = runs(machines, {"executionArn": arn})
        if run["status"] == "ABORTED" and run["itemCounts"]["running"] == 0:
            break
        ended.wait(0.05)
    assert (run["status"], run["itemCounts"]["aborted"], run["toleratedFailureCount"]) == ("ABORTED", 2, 1)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"ItemReader": {"Resource": "arn:aws:states:::dynamodb:scan"}}, "ItemReader/Resource"),
        ({"ItemReader": {"Resource": GET, "ReaderConfig": {"InputType": "PARQUET"}}}, "InputType"),
        ({"ItemReader": {"Resource": GET, "ReaderConfig": {"InputType": "CSV"}}}, "CSVHeaderLocation"),
        ({"ItemBatcher": {}}, "ItemBatcher"),
        ({"ResultWriter": {"Resource": PUT, "WriterConfig": {"OutputType": "JSONL"}}}, "WriterConfig"),
    ],
)
def test_what_it_does_not_have_is_refused_by_name(
    machines: Machines, more: dict[str, Any], place: str
) -> None:
    with pytest.raises(ClientError, match=place):
        machines.make(mapped(**more))


def test_fields_of_distributed_states_are_refused_inline(machines: Machines) -> None:
    state = {"Type": "Map", "ItemProcessor": ECHO, "ToleratedFailureCount": 1, "End": True}
    with pytest.raises(ClientError, match="ToleratedFailureCount"):
        machines.make({"StartAt": "M", "States": {"M": state}})
    with pytest.raises(ClientError, match="ResourceNotFound"):
        machines.states.describe_map_run(mapRunArn="arn:aws:states:eu-west-1:111111111111:mapRun:m/l:none")

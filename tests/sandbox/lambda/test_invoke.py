"""Functions that really run, by boto3."""

from __future__ import annotations

import base64
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
Make = Callable[..., str]

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


def zipped(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def make(client: Client, request: pytest.FixtureRequest) -> Make:
    """Create a function from source; returns its name."""

    def create(source: str, **options: Any) -> str:
        name: str = options.pop("name", request.node.name.replace("[", "-").replace("]", "")[:60])
        settings = {"Runtime": "python3.11", "Handler": "app.handler", "Role": ROLE, "Timeout": 10, **options}
        settings.setdefault("Code", {"ZipFile": zipped({"app.py": source})})
        client("lambda").create_function(FunctionName=name, **settings)
        return name

    return create


def call(client: Client, name: str, event: Any = None, **options: Any) -> tuple[Any, str | None]:
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode(), **options)
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def log_of(client: Client, name: str) -> list[str]:
    """The function's log, as soon as it has a report."""
    logs = client("logs")
    for _ in range(100):
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except ClientError:
            events = []
        if any(event["message"].startswith("REPORT") for event in events):
            return [event["message"] for event in events]
        time.sleep(0.05)
    raise AssertionError("no log")


def test_a_handler_gets_the_event_and_its_result_comes_back(client: Client, make: Make) -> None:
    name = make("def handler(event, context): return {'sum': event['a'] + event['b'], 'text': 'é'}")
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps({"a": 1, "b": 2}))
    assert json.loads(answer["Payload"].read()) == {"sum": 3, "text": "é"}
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer


def test_a_handler_knows_its_function_and_its_role(client: Client, make: Make) -> None:
    source = """
import boto3, os
def handler(event, context):
    return {
        "name": context.function_name, "memory": context.memory_limit_in_mb, "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(), "group": context.log_group_name, "id": context.aws_request_id,
        "mine": os.environ["MINE"], "region": os.environ["AWS_REGION"],
        "caller": boto3.client("sts").get_caller_identity()["Arn"],
    }
"""
    name = make(source, Environment={"Variables": {"MINE": "yes"}}, MemorySize=256)
    told, error = call(client, name)
    assert error is None, told
    assert told["name"] == name
    assert told["memory"] == "256"
    assert told["arn"] == f"arn:aws:lambda:eu-west-1:111111111111:function:{name}"
    assert 0 < told["left"] <= 10_000
    assert told["group"] == f"/aws/lambda/{name}"
    assert told["mine"] == "yes"
    assert told["region"] == "eu-west-1"
    assert told["caller"].startswith("arn:aws:sts::111111111111:assumed-role/RopewayExecutionRole/")


def test_an_exception_becomes_lambdas_error_object(client: Client, make: Make) -> None:
    name = make("def handler(event, context):\n    raise KeyError('missing')")
    told, error = call(client, name)
    assert error == "Unhandled"
    assert told["errorType"] == "KeyError"
    assert told["errorMessage"] == "'missing'"
    assert any("raise KeyError" in frame for frame in told["stackTrace"])


@pytest.mark.parametrize(
    ("source", "handler", "kind", "text"),
    [
        ("import nothing_there", "app.handler", "Runtime.ImportModuleError", "Unable to import module 'app'"),
        (
            "def other(): pass",
            "app.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'app'",
        ),
        ("def handler(: pass", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
        (
            "def handler(e, c): return {1, 2}",
            "app.handler",
            "Runtime.MarshalError",
            "Unable to marshal response",
        ),
        ("import os\ndef handler(e, c): os._exit(3)", "app.handler", "Runtime.ExitError", "exit status 3"),
        ("import sys\ndef handler(e, c): sys.exit(4)", "app.handler", "Runtime.ExitError", "exit status 4"),
        (
            "import os\ndef handler(e, c): os.kill(os.getpid(), 9)",
            "app.handler",
            "Runtime.ExitError",
            "signal: killed",
        ),
        (
            "def handler(e, c): return 'x' * 7_000_000",
            "app.handler",
            "Function.ResponseSizeTooLarge",
            "exceeded maximum allowed payload size (6291556 bytes)",
        ),
    ],
)
def test_what_goes_wrong_has_lambdas_name(
    client: Client, make: Make, source: str, handler: str, kind: str, text: str
) -> None:
    name = make(source, Handler=handler, name=f"wrong-{abs(hash(source))}")
    for _ in range(2):  # the second time too, warm or not
        told, error = call(client, name)
        assert error == "Unhandled"
        assert told["errorType"] == kind
        assert text in told["errorMessage"]


def test_a_function_that_takes_too_long_is_killed_with_its_children(client: Client, make: Make) -> None:
    source = """
import os, subprocess, time
def handler(event, context):
    if event == "pid": return os.getpid()
    child = subprocess.Popen(["sleep", "60"])
    print("child", child.pid, flush=True)
    time.sleep(60)
"""
    name = make(source, Timeout=1)
    pid, _ = call(client, name, "pid")
    answer = client("lambda").invoke(FunctionName=name, LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    assert "Task timed out after 1.00 seconds" in json.loads(answer["Payload"].read())["errorMessage"]
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    child = next(int(line.split()[1]) for line in lines if line.startswith("child "))
    for process in (pid, child):
        with pytest.raises(ProcessLookupError):
            _wait_until_gone(process)
    again, _ = call(client, name, "pid")
    assert again != pid


def _wait_until_gone(pid: int) -> None:
    for _ in range(100):
        os.kill(pid, 0)
        if (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] == "Z"
        ):  # ended; nobody reaps it here
            raise ProcessLookupError
        time.sleep(0.02)


def test_a_warm_function_keeps_its_process_until_it_changes(client: Client, make: Make) -> None:
    source = (
        "import os\ncalls = []\ndef handler(e, c):\n    calls.append(e)\n    return [os.getpid(), len(calls)]"
    )
    name = make(source)
    (first, one), (second, two) = call(client, name)[0], call(client, name)[0]
    assert (first, one) == (second, two - 1)
    client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"AB": "c"}})
    (third, count), _ = call(client, name)
    assert third != first
    assert count == 1


def test_new_code_runs_at_once(client: Client, make: Make) -> None:
    name = make("def handler(e, c): return 'old'")
    assert call(client, name)[0] == "old"
    code = zipped({"app.py": "def handler(e, c): return 'new'"})
    client("lambda").update_function_code(FunctionName=name, ZipFile=code)
    assert call(client, name)[0] == "new"


def test_code_is_taken_from_s3(client: Client, make: Make) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="code-in-s3", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="code-in-s3", Key="f.zip", Body=zipped({"app.py": "def handler(e, c): return 's3'"}))
    name = make("", Code={"S3Bucket": "code-in-s3", "S3Key": "f.zip"})
    assert call(client, name)[0] == "s3"


def test_code_that_is_not_in_s3_is_refused_with_s3s_reason(client: Client, make: Make) -> None:
    with pytest.raises(ClientError) as caught:
        make("", Code={"S3Bucket": "no-such-bucket-anywhere", "S3Key": "f.zip"})
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidParameterValueException"
    assert "S3 Error Code: NoSuchBucket" in error["Message"]


def test_code_that_is_no_zip_or_leaves_its_folder_is_refused(client: Client, make: Make) -> None:
    for content in (b"no zip", zipped({"../evil.py": "x = 1"})):
        with pytest.raises(ClientError, match="Could not unzip uploaded file"):
            make("", Code={"ZipFile": content})


def test_layers_are_importable_and_the_last_one_counts(client: Client, make: Make) -> None:
    layers = [
        client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": zipped(files)})
        for name, files in (
            ("below", {"python/shared.py": "VALUE = 1", "python/below.py": "VALUE = 2"}),
            ("above", {"python/shared.py": "VALUE = 3"}),
        )
    ]
    name = make(
        "import below, shared\ndef handler(e, c): return [below.VALUE, shared.VALUE]",
        Layers=[layer["LayerVersionArn"] for layer in layers],
        Environment={"Variables": {"PYTHONPATH": "elsewhere"}},
    )
    assert call(client, name) == ([2, 3], None)


def test_versions_and_aliases_run_their_own_code(client: Client, make: Make) -> None:
    name = make("def handler(e, c): return 'one'")
    functions = client("lambda")
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    functions.update_function_code(
        FunctionName=name, ZipFile=zipped({"app.py": "def handler(e, c): return 'two'"})
    )
    assert call(client, name)[0] == "two"
    assert call(client, name, Qualifier=version)[0] == "one"
    assert call(client, f"{name}:live")[0] == "one"
    second = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(
        FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {second: 0.5}}
    )
    answers = {call(client, f"{name}:live")[0] for _ in range(60)}
    assert answers == {"one", "two"}


def test_the_log_has_what_was_printed_and_lambdas_own_lines(client: Client, make: Make) -> None:
    source = """
import logging, os, sys
logging.getLogger().setLevel("INFO")
def handler(event, context):
    print("printed")
    logging.info("logged")
    sys.stderr.write("complained\\n")
    os.system("echo from a child")
"""
    name = make(source)
    answer = client("lambda").invoke(FunctionName=name, LogType="Tail", Payload=b"{}")
    tail = base64.b64decode(answer["LogResult"]).decode()
    lines = log_of(client, name)
    assert "\n".join(lines) == tail
    assert lines[0].startswith("INIT_START Runtime Version: python")
    assert lines[1].startswith("START RequestId: ")
    assert {"printed", "complained", "from a child"} <= set(lines)
    assert any(line.startswith("[INFO]\t") and line.endswith("\tlogged") for line in lines)
    assert lines[-2].startswith("END RequestId: ")
    assert "Memory Size: 128 MB" in lines[-1]


def test_a_megabyte_of_output_blocks_nothing(client: Client, make: Make) -> None:
    name = make("def handler(e, c):\n    print('x' * 1_000_000)\n    return 'done'")
    assert call(client, name) == ("done", None)


def test_an_asynchronous_call_returns_at_once_and_runs(client: Client, make: Make) -> None:
    name = make("def handler(e, c): print('got', e)")
    answer = client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'"x"')
    assert answer["StatusCode"] == 202
    assert "got x" in log_of(client, name)


def test_the_old_asynchronous_call_runs_too(client: Client, make: Make) -> None:
    name = make("def handler(e, c): print('got', e)")
    assert client("lambda").invoke_async(FunctionName=name, InvokeArgs=b'"old"')["Status"] == 202
    assert "got old" in log_of(client, name)


def test_a_dry_run_runs_nothing(client: Client, make: Make) -> None:
    name = make("def handler(e, c): print('ran')")
    assert client("lambda").invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(ClientError) as caught:
        client("lambda").invoke(FunctionName="nobody", InvocationType="DryRun")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_another_account_needs_the_functions_permission(client: Client, make: Make) -> None:
    name = make("def handler(e, c): return 'shared'")
    arn = f"arn:aws:lambda:eu-west-1:111111111111:function:{name}"
    other = client("lambda", account="222222222222")
    with pytest.raises(ClientError) as caught:
        other.invoke(FunctionName=arn)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    client("lambda").add_permission(
        FunctionName=name, StatementId="other", Action="lambda:InvokeFunction", Principal="222222222222"
    )
    assert json.loads(other.invoke(FunctionName=arn)["Payload"].read()) == "shared"


def test_a_runtime_that_is_not_python_is_refused_by_name(client: Client, make: Make) -> None:
    name = make("", Runtime="nodejs20.x", Handler="index.handler")
    with pytest.raises(ClientError) as caught:
        client("lambda").invoke(FunctionName=name)
    assert "its runtime is nodejs20.x" in caught.value.response["Error"]["Message"]


def test_an_event_that_is_not_json_is_refused(client: Client, make: Make) -> None:
    name = make("def handler(e, c): return e")
    for payload in (b"{no json", b'{"a": NaN}'):
        with pytest.raises(ClientError) as caught:
            client("lambda").invoke(FunctionName=name, Payload=payload)
        assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_a_function_that_nobody_made_is_not_found(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("lambda").invoke(FunctionName="nobody")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_functions_run_side_by_side(client: Client, make: Make) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    name = make("import os, time\ndef handler(e, c):\n    time.sleep(0.3)\n    return os.getpid()")
    with ThreadPoolExecutor(3) as pool:
        pids = list(pool.map(lambda _: call(client, name)[0], range(3)))
    assert len(set(pids)) == 3


@pytest.mark.parametrize(
    ("settings", "code", "text"),
    [
        ({"Timeout": 901}, "ValidationException", "Member must have value less than or equal to 900"),
        ({"Timeout": 0}, "ValidationException", "greater than or equal to 1"),
        ({"MemorySize": 64}, "ValidationException", "greater than or equal to 128"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {"Environment": {"Variables": {"AB": "x" * 4096}}},
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
    ],
)
def test_settings_that_lambda_does_not_take_are_refused(
    client: Client, make: Make, settings: dict[str, Any], code: str, text: str
) -> None:
    functions = client("lambda", config={"parameter_validation": False})
    name = make("def handler(e, c): pass", name=f"settings-{abs(hash(text))}")
    with pytest.raises(ClientError, match=text) as caught:
        functions.update_function_configuration(FunctionName=name, **settings)
    assert caught.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError, match=text):
        functions.create_function(
            FunctionName=f"{name}-2",
            Runtime="python3.11",
            Handler="app.handler",
            Role=ROLE,
            Code={"ZipFile": zipped({"app.py": ""})},
            **settings,
        )


def test_the_newest_code_goes_with_the_function_only(client: Client, make: Make) -> None:
    name = make("def handler(e, c): return 1")
    with pytest.raises(ClientError, match="LATEST version cannot be deleted without"):
        client("lambda").delete_function(FunctionName=name, Qualifier="$LATEST")
    assert call(client, name) == (1, None)


def test_what_would_call_a_function_and_never_does_is_refused(client: Client, make: Make) -> None:
    name = make("def handler(e, c): return 1")
    functions = client("lambda")
    queue = "arn:aws:sqs:eu-west-1:111111111111:queue"
    with pytest.raises(ClientError, match="serves no function URLs"):
        functions.create_function_url_config(FunctionName=name, AuthType="NONE")
    with pytest.raises(ClientError, match="polls no queues"):
        functions.create_event_source_mapping(FunctionName=name, EventSourceArn=queue)

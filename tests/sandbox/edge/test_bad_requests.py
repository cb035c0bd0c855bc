"""Requests that no SDK sends: each gets an AWS error that says what is wrong, in the protocol of its service."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server

Client = Callable[..., Any]

DATE = "20260101"


def auth(service: str, key: str = "111111111111", region: str = "eu-west-1") -> str:
    scope = f"{key}/{DATE}/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def ask(
    sandbox: Server, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, fields, answer.read()
    finally:
        connection.close()


def ask_sagemaker(
    sandbox: Server, body: bytes, target: str = "SageMaker.ListProcessingJobs", **headers: str
) -> tuple[int, dict[str, Any]]:
    fields = {
        "Authorization": auth("sagemaker"),
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.1",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    status, answered, content = ask(sandbox, "POST", "/", fields, body)
    assert answered["x-amzn-requestid"]
    return status, json.loads(content)


def test_a_scope_for_another_service_is_forged(sandbox: Server) -> None:
    status, error = ask_sagemaker(sandbox, b"{}", Authorization=auth("s3"))
    assert (status, error["__type"]) == (403, "InvalidSignatureException")
    assert "scoped to correct service: 'sagemaker'" in error["message"]


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "111111111111",
        "111111111111/20260101/eu-west-1/sagemaker",
        "111111111111/20260101/eu-west-1/sagemaker/aws5_request",
        "/20260101/eu-west-1/sagemaker/aws4_request",
        "111111111111/20260101//sagemaker/aws4_request",
    ],
)
def test_a_malformed_credential_is_refused(sandbox: Server, credential: str) -> None:
    header = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    status, error = ask_sagemaker(sandbox, b"{}", Authorization=header)
    assert (status, error["__type"]) == (400, "IncompleteSignature")


def test_a_token_that_was_never_issued_is_refused(sandbox: Server) -> None:
    status, error = ask_sagemaker(sandbox, b"{}", Authorization=auth("sagemaker", "ASIAAAAAAAAAAAAAAAAA"))
    assert (status, error["__type"]) == (403, "UnrecognizedClientException")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"MaxResults": NaN}',
        b'{"MaxResults": 1e400}',
        b'{"NameContains": "\\ud800"}',
        b"[" * 100_000,
        b'{"a": "\xc3\x28"}',
    ],
)
def test_a_body_that_is_no_json_object_is_refused(sandbox: Server, body: bytes) -> None:
    status, error = ask_sagemaker(sandbox, body)
    assert (status, error["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    "body",
    [
        b'{"MaxResults": "ten"}',
        b'{"MaxResults": true}',
        b'{"CreationTimeAfter": "yesterday"}',
        b'{"CreationTimeAfter": 1e300}',
        b'{"CreationTimeAfter": {}}',
        b'{"SortBy": "Colour"}',
        b'{"NameContains": ["a"]}',
    ],
)
def test_members_of_a_wrong_type_are_named(sandbox: Server, body: bytes) -> None:
    status, error = ask_sagemaker(sandbox, body)
    assert (status, error["__type"]) == (400, "ValidationException")
    assert "1 validation error detected: Value" in error["message"]


def test_the_content_type_does_not_matter_where_the_target_tells(sandbox: Server) -> None:
    status, error = ask_sagemaker(sandbox, b"a=b", Content_Type="application/x-www-form-urlencoded")
    assert (status, error["__type"]) == (400, "SerializationException")
    status, _ = ask_sagemaker(sandbox, b"{}", target="SageMaker.ListTrainingJobs", Content_Type="text/plain")
    assert status == 200


def test_what_goes_to_moto_is_checked_too(sandbox: Server) -> None:
    status, error = ask_sagemaker(sandbox, b'{"ExperimentName": "-"}', target="SageMaker.CreateExperiment")
    assert (status, error["__type"]) == (400, "ValidationException")
    status, error = ask_sagemaker(sandbox, b"{", target="SageMaker.CreateExperiment")
    assert (status, error["__type"]) == (400, "SerializationException")
    target, scope = "AWSEvents.PutRule", auth("events")
    assert ask_sagemaker(sandbox, b"{", target=target, Authorization=scope)[0] == 400


def test_an_operation_that_does_not_exist_is_unknown(sandbox: Server) -> None:
    status, error = ask_sagemaker(sandbox, b"{}", target="SageMaker.CreateNothing")
    assert (status, error["__type"]) == (400, "UnknownOperationException")
    status, error = ask_sagemaker(sandbox, b"{}", target="SageMaker.")
    assert status == 400


@pytest.mark.parametrize(
    ("service", "place"), [("dynamodb", "X-Amz-Target"), ("sqs", "X-Amz-Target"), ("iam", "Action")]
)
def test_a_request_that_names_no_operation_is_told_where_it_should(
    sandbox: Server, service: str, place: str
) -> None:
    status, fields, body = ask(sandbox, "POST", "/", {"Authorization": auth(service)}, b"{}")
    assert status == 400
    assert "html" not in fields["content-type"]
    assert place in body.decode()


def test_an_unknown_path_of_a_rest_service_is_named(sandbox: Server) -> None:
    status, fields, body = ask(sandbox, "GET", "/2015-03-31/nothing", {"Authorization": auth("lambda")})
    assert (status, fields["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert "/2015-03-31/nothing" in json.loads(body)["message"]


def test_a_service_that_nobody_has_is_named_in_its_protocol(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("accessanalyzer").list_analyzers()
    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplementedException"
    assert "access-analyzer ListAnalyzers" in error["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


@pytest.mark.parametrize(
    ("service", "operation", "params", "name"),
    [
        (
            "lambda",
            "get_layer_version_by_arn",
            {"Arn": "arn:aws:lambda:eu-west-1:111111111111:layer:l:1"},
            "GetLayerVersionByArn",
        ),
        (
            "iam",
            "list_policies_granting_service_access",
            {"Arn": "a" * 20, "ServiceNamespaces": ["s3"]},
            "ListPol",
        ),
        (
            "ec2",
            "create_capacity_reservation_fleet",
            {"InstanceTypeSpecifications": [{}], "TotalTargetCapacity": 1},
            "",
        ),
        ("ce", "get_anomaly_monitors", {}, "ce GetAnomalyMonitors"),
        ("cloudwatch", "put_composite_alarm", {"AlarmName": "a", "AlarmRule": "TRUE"}, "PutCompositeAlarm"),
        ("sagemaker", "create_hub", {"HubName": "h", "HubDescription": "d"}, "sagemaker CreateHub"),
    ],
)
def test_an_operation_that_moto_lacks_is_named(
    client: Client, service: str, operation: str, params: dict[str, Any], name: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client(service), operation)(**params)
    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplementedException", caught.value.response
    assert name in error["Message"]


def test_nothing_is_printed_about_services_that_moto_lacks(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ClientError):
        client("accessanalyzer").list_analyzers()
    assert capfd.readouterr().out == ""


def test_moto_answers_carry_a_request_id(client: Client) -> None:
    for service, operation in (
        ("ssm", "describe_parameters"),
        ("iam", "list_users"),
        ("lambda", "list_functions"),
    ):
        assert getattr(client(service), operation)()["ResponseMetadata"]["RequestId"]


def test_a_header_of_a_megabyte_is_too_large(sandbox: Server) -> None:
    status, _, _ = ask(sandbox, "GET", "/", {"X-Large": "x" * 1_000_000})
    assert status in {413, 431}


def test_a_body_that_is_shorter_than_announced_is_incomplete(sandbox: Server) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as connection:
        head = (
            "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: SageMaker.ListPipelines\r\nContent-Length: 100\r\n"
            f"Authorization: {auth('sagemaker')}\r\n\r\n"
        )
        connection.sendall(head.encode() + b"{}")
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert b"400" in answer.split(b"\r\n", 1)[0]
    assert b"IncompleteBody" in answer


def test_a_page_that_the_sandbox_does_not_have_is_not_found(sandbox: Server) -> None:
    status, fields, body = ask(sandbox, "GET", "/_sandbox/nothing", {})
    assert (status, fields["content-type"]) == (404, "application/json")
    assert "GET /_sandbox/nothing" in json.loads(body)["message"]

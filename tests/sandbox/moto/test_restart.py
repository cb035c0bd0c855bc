"""What moto holds comes back after a restart: the same things under the same ids."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server

ACCOUNT = "111111111111"


@contextmanager
def running(state: Path) -> Iterator[Server]:
    server = Server(state, port=0)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def client(server: Server, service: str, account: str = ACCOUNT) -> Any:
    return boto3.client(
        service,
        "eu-west-1",
        endpoint_url=server.endpoint,
        aws_access_key_id=account,
        aws_secret_access_key="x",
    )


def network(server: Server) -> list[str]:
    ec2 = client(server, "ec2")
    found = ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["false"]}])["Vpcs"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.1.0.0/24"]}])["Subnets"]
    return [vpc["VpcId"] for vpc in found] + [subnet["SubnetId"] for subnet in subnets]


def test_ids_and_settings_are_the_same(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        ec2, iam, ssm = (client(server, name) for name in ("ec2", "iam", "ssm"))
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24")
        iam.create_role(RoleName="Kept", AssumeRolePolicyDocument="{}", Tags=[{"Key": "a", "Value": "ü"}])
        iam.create_role(RoleName="Gone", AssumeRolePolicyDocument="{}")
        iam.delete_role(RoleName="Gone")
        ssm.put_parameter(Name="/a/b", Value="1", Type="String")
        ssm.put_parameter(Name="/a/b", Value="2", Type="String", Overwrite=True)
        client(server, "ssm", "222222222222").put_parameter(Name="/a/b", Value="other", Type="String")
        before = network(server)
        role = iam.get_role(RoleName="Kept")["Role"]["RoleId"]
    with running(tmp_path) as server:
        assert network(server) == before != []
        iam = client(server, "iam")
        assert iam.get_role(RoleName="Kept")["Role"]["RoleId"] == role
        assert iam.get_role(RoleName="Kept")["Role"]["Tags"] == [{"Key": "a", "Value": "ü"}]
        with pytest.raises(ClientError, match="NoSuchEntity"):
            iam.get_role(RoleName="Gone")
        assert client(server, "ssm").get_parameter(Name="/a/b")["Parameter"]["Version"] == 2
        other = client(server, "ssm", "222222222222").get_parameter(Name="/a/b")
        assert other["Parameter"]["Value"] == "other"


def test_ids_are_the_same_when_the_first_call_only_read(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        ec2 = client(server, "ec2")
        ec2.describe_availability_zones()
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24")
        default = ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]
        before = network(server)
    with running(tmp_path) as server:
        ec2 = client(server, "ec2")
        assert network(server) == before != []
        assert ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"] == default


def test_a_key_still_decrypts_what_it_encrypted(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        kms = client(server, "kms")
        keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
        secrets = [
            kms.encrypt(KeyId=key, Plaintext=text)["CiphertextBlob"]
            for key, text in zip(keys, (b"one", b"two"), strict=True)
        ]
    with running(tmp_path) as server:
        kms = client(server, "kms")
        assert [kms.decrypt(CiphertextBlob=secret)["Plaintext"] for secret in secrets] == [b"one", b"two"]


def test_a_message_that_was_deleted_stays_so(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        sqs = client(server, "sqs")
        url = sqs.create_queue(QueueName="work")["QueueUrl"]
        for text in ("first", "second"):
            sqs.send_message(QueueUrl=url, MessageBody=text)
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"][0]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"])
    with running(tmp_path) as server:
        sqs = client(server, "sqs")
        left = sqs.receive_message(
            QueueUrl=sqs.get_queue_url(QueueName="work")["QueueUrl"], MaxNumberOfMessages=10
        )
    assert {message["Body"] for message in left["Messages"]} == {"first", "second"} - {taken["Body"]}


def test_a_long_poll_holds_up_nobody_and_sees_what_comes(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        sqs = client(server, "sqs")
        url = sqs.create_queue(QueueName="work")["QueueUrl"]
        told: list[Any] = []
        waiting = threading.Thread(
            target=lambda: told.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
        )
        waiting.start()
        client(server, "sqs").send_message(QueueUrl=url, MessageBody="here")
        waiting.join(15)
    assert told[0]["Messages"][0]["Body"] == "here"


def test_a_function_is_there_and_runs(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("app.py", "def handler(event, context):\n    return {'got': event['a']}\n")
    with running(tmp_path) as server:
        client(server, "s3").create_bucket(
            Bucket="code", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        client(server, "s3").put_object(Bucket="code", Key="app.zip", Body=archive.getvalue())
        client(server, "lambda").create_function(
            FunctionName="echo",
            Runtime="python3.12",
            Role=f"arn:aws:iam::{ACCOUNT}:role/RopewayExecutionRole",
            Handler="app.handler",
            Code={"S3Bucket": "code", "S3Key": "app.zip"},
        )
        client(server, "s3").delete_object(Bucket="code", Key="app.zip")
    with running(tmp_path) as server:
        answer = client(server, "lambda").invoke(FunctionName="echo", Payload=b'{"a": 3}')
        assert json.loads(answer["Payload"].read()) == {"got": 3}


def test_an_access_key_still_names_its_user(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        iam = client(server, "iam")
        iam.create_user(UserName="ada")
        key = iam.create_access_key(UserName="ada")["AccessKey"]
    with running(tmp_path) as server:
        sts = boto3.client(
            "sts",
            "eu-west-1",
            endpoint_url=server.endpoint,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ada"

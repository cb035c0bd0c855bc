"""Objects under customer-managed keys: the key's policy keeps four accounts apart, whatever the bucket allows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.keys import root, shaped

Client = Callable[..., Any]

REGION = "eu-west-1"
DEV, PREPROD, PROD, OPERATIONS = "111111111111", "222222222222", "333333333333", "444444444444"
PIECE = 5 * 1024 * 1024


@dataclass(frozen=True)
class Data:
    """The dev account's bucket, open to all four accounts, which encrypts with a key of its own."""

    client: Client
    bucket: str
    key: str

    def s3(self, account: str, **more: Any) -> Any:
        return self.client("s3", account=account, region=REGION, **more)

    def kms(self) -> Any:
        return self.client("kms", account=DEV, region=REGION)

    def arrange(self, **principals: Any) -> None:
        """Give the key a policy as the Terraform module writes it."""
        self.kms().put_key_policy(KeyId=self.key, PolicyName="default", Policy=shaped(DEV, **principals))


def open_bucket(s3: Any, *accounts: str) -> str:
    """A bucket that accounts may read from and write to."""
    name = f"data-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    places = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    everybody = {"AWS": [root(account) for account in accounts]}
    statement = {"Effect": "Allow", "Principal": everybody, "Action": "s3:*", "Resource": places}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return name


def encrypt_by_default(s3: Any, bucket: str, key: str, *, bucket_key: bool = False) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


@pytest.fixture
def data(client: Client) -> Data:
    s3 = client("s3", region=REGION)
    bucket = open_bucket(s3, PREPROD, PROD, OPERATIONS)
    kms = client("kms", region=REGION)
    key = kms.create_key(Policy=shaped(DEV, readers=[root(PROD)]))["KeyMetadata"]["Arn"]
    encrypt_by_default(s3, bucket, key)
    s3.put_object(Bucket=bucket, Key="train.csv", Body=b"1,2\n")
    return Data(client, bucket, key)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str, int]:
    """Code, message and status of a call that must be refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_the_key_of_dev_is_shared_with_prod_and_with_nobody_else(data: Data) -> None:
    for account in (DEV, PROD):
        body = data.s3(account).get_object(Bucket=data.bucket, Key="train.csv")["Body"].read()
        assert body == b"1,2\n"
    for account in (PREPROD, OPERATIONS):
        code, message, status = refusal(data.s3(account).get_object, Bucket=data.bucket, Key="train.csv")
        assert (code, status) == ("AccessDenied", 403)
        assert f"User: {root(account)} is not authorized to perform: kms:Decrypt" in message
        assert data.key in message


def test_a_reader_does_not_write_and_a_user_does(data: Data) -> None:
    prod = data.s3(PROD)
    code, message, _ = refusal(prod.put_object, Bucket=data.bucket, Key="p.csv", Body=b"x")
    assert code == "AccessDenied"
    assert "kms:GenerateDataKey on resource: " + data.key in message
    data.arrange(users=[root(PROD)])
    put = prod.put_object(Bucket=data.bucket, Key="p.csv", Body=b"x")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", data.key)
    head = data.s3(DEV).head_object(Bucket=data.bucket, Key="p.csv")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", data.key)


def test_a_changed_policy_holds_at_once(data: Data) -> None:
    prod = data.s3(PROD)
    prod.get_object(Bucket=data.bucket, Key="train.csv")
    data.arrange(readers=[root(PREPROD)])
    assert refusal(prod.get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"
    data.s3(PREPROD).get_object(Bucket=data.bucket, Key="train.csv")


def test_what_is_told_of_an_object_needs_no_key_but_its_checksum_does(data: Data) -> None:
    foreign = data.s3(PREPROD)
    assert foreign.head_object(Bucket=data.bucket, Key="train.csv")["ContentLength"] == 4
    code = refusal(foreign.head_object, Bucket=data.bucket, Key="train.csv", ChecksumMode="ENABLED")[0]
    assert code == "403"
    assert foreign.list_objects_v2(Bucket=data.bucket)["KeyCount"] == 1


def test_a_copy_reads_with_one_key_and_writes_with_the_other(data: Data) -> None:
    registry = open_bucket(data.s3(OPERATIONS), DEV, PREPROD, PROD)
    kms = data.client("kms", account=OPERATIONS, region=REGION)
    policy = shaped(OPERATIONS, users=[root(PROD)], readers=[root(DEV)])
    theirs = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    encrypt_by_default(data.s3(OPERATIONS), registry, theirs)
    source = {"Bucket": data.bucket, "Key": "train.csv"}
    copied = data.s3(PROD).copy_object(Bucket=registry, Key="a", CopySource=source)
    assert copied["SSEKMSKeyId"] == theirs
    code, message, _ = refusal(data.s3(DEV).copy_object, Bucket=registry, Key="b", CopySource=source)
    assert code == "AccessDenied"
    assert "kms:GenerateDataKey on resource: " + theirs in message
    code, message, _ = refusal(data.s3(OPERATIONS).copy_object, Bucket=registry, Key="c", CopySource=source)
    assert code == "AccessDenied"
    assert "kms:Decrypt on resource: " + data.key in message


def test_an_upload_in_parts_needs_the_key_from_beginning_to_end(data: Data) -> None:
    data.arrange(users=[root(PROD)])
    prod = data.s3(PROD)
    place = {"Bucket": data.bucket, "Key": "big"}
    begun = prod.create_multipart_upload(**place)
    assert begun["SSEKMSKeyId"] == data.key
    upload = {**place, "UploadId": begun["UploadId"]}
    part = prod.upload_part(**upload, PartNumber=1, Body=b"a" * PIECE)
    source = {"Bucket": data.bucket, "Key": "train.csv"}
    last = prod.upload_part_copy(**upload, PartNumber=2, CopySource=source)["CopyPartResult"]
    assert part["SSEKMSKeyId"] == data.key
    chosen = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}, {"PartNumber": 2, "ETag": last["ETag"]}]}
    data.arrange()
    for call, more in (
        (prod.upload_part, {"PartNumber": 3, "Body": b"b"}),
        (prod.upload_part_copy, {"PartNumber": 3, "CopySource": source}),
        (prod.complete_multipart_upload, {"MultipartUpload": chosen}),
    ):
        assert refusal(call, **upload, **more)[0] == "AccessDenied"
    assert refusal(prod.create_multipart_upload, **place)[0] == "AccessDenied"
    done = data.s3(DEV).complete_multipart_upload(**upload, MultipartUpload=chosen)
    assert done["SSEKMSKeyId"] == data.key
    assert data.s3(DEV).get_object(**place)["ContentLength"] == PIECE + 4


def test_a_key_that_a_request_names_wins_over_the_default(data: Data) -> None:
    s3, kms = data.s3(DEV), data.kms()
    other = kms.create_key()["KeyMetadata"]
    name = f"alias/{uuid.uuid4().hex[:8]}"
    kms.create_alias(AliasName=name, TargetKeyId=other["KeyId"])
    for named in (other["KeyId"], other["Arn"], name, f"arn:aws:kms:{REGION}:{DEV}:{name}"):
        put = s3.put_object(
            Bucket=data.bucket, Key="n", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=named
        )
        assert put["SSEKMSKeyId"] == other["Arn"]
    plain = s3.put_object(Bucket=data.bucket, Key="n", Body=b"x", ServerSideEncryption="AES256")
    assert (plain["ServerSideEncryption"], plain.get("SSEKMSKeyId")) == ("AES256", None)
    data.s3(PREPROD).get_object(Bucket=data.bucket, Key="n")


def test_a_disabled_key_and_one_that_is_going_refuse_everybody(data: Data) -> None:
    s3, kms = data.s3(DEV), data.kms()
    kms.disable_key(KeyId=data.key)
    told = refusal(s3.get_object, Bucket=data.bucket, Key="train.csv")
    assert told == ("KMS.DisabledException", f"{data.key} is disabled.", 400)
    assert refusal(s3.put_object, Bucket=data.bucket, Key="x", Body=b"")[0] == "KMS.DisabledException"
    assert refusal(data.s3(PREPROD).get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"
    kms.enable_key(KeyId=data.key)
    s3.get_object(Bucket=data.bucket, Key="train.csv")
    kms.schedule_key_deletion(KeyId=data.key, PendingWindowInDays=7)
    told = refusal(s3.get_object, Bucket=data.bucket, Key="train.csv")
    assert told == ("KMS.KMSInvalidStateException", f"{data.key} is pending deletion.", 400)
    kms.cancel_key_deletion(KeyId=data.key)
    kms.enable_key(KeyId=data.key)
    s3.get_object(Bucket=data.bucket, Key="train.csv")


def test_the_managed_key_is_for_the_account_of_who_wrote(data: Data) -> None:
    data.s3(DEV).delete_bucket_encryption(Bucket=data.bucket)
    put = data.s3(PROD).put_object(Bucket=data.bucket, Key="m", Body=b"x", ServerSideEncryption="aws:kms")
    assert put["SSEKMSKeyId"].startswith(f"arn:aws:kms:{REGION}:{PROD}:key/")
    data.s3(PROD).get_object(Bucket=data.bucket, Key="m")
    for account in (DEV, PREPROD):
        assert refusal(data.s3(account).get_object, Bucket=data.bucket, Key="m")[0] == "AccessDenied"


def test_a_key_for_one_role_is_not_for_the_rest_of_its_account(data: Data) -> None:
    data.arrange(readers=[f"arn:aws:iam::{PREPROD}:role/execution"])
    assert refusal(data.s3(PREPROD).get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"
    sts = data.client("sts", account=PREPROD)
    for role, fits in (("execution", True), ("other", False)):
        got = sts.assume_role(RoleArn=f"arn:aws:iam::{PREPROD}:role/{role}", RoleSessionName="se")[
            "Credentials"
        ]
        keys = {"access_key": got["AccessKeyId"], "aws_session_token": got["SessionToken"]}
        s3 = data.s3(PREPROD, **keys)
        if fits:
            s3.get_object(Bucket=data.bucket, Key="train.csv")
        else:
            assert refusal(s3.get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"


def test_conditions_see_the_service_the_caller_and_the_object(data: Data) -> None:
    arn = f"arn:aws:s3:::{data.bucket}/train.csv"
    holding = {
        "StringEquals": {
            "kms:ViaService": f"s3.{REGION}.amazonaws.com",
            "kms:CallerAccount": PREPROD,
            "aws:PrincipalAccount": PREPROD,
            "kms:EncryptionContext:aws:s3:arn": arn,
        }
    }
    failing = {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}}
    policy = json.loads(shaped(DEV, readers=[root(PREPROD)]))
    preprod = data.s3(PREPROD)
    for condition, fits in ((holding, True), (failing, False)):
        policy["Statement"][-1]["Condition"] = condition
        data.kms().put_key_policy(KeyId=data.key, PolicyName="default", Policy=json.dumps(policy))
        if fits:
            preprod.get_object(Bucket=data.bucket, Key="train.csv")
        else:
            assert refusal(preprod.get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"


def test_a_grant_lets_in_whom_the_policy_does_not(data: Data) -> None:
    preprod = data.s3(PREPROD)
    grant = data.kms().create_grant(
        KeyId=data.key, GranteePrincipal=root(PREPROD), Operations=["Decrypt"], Name="for-a-day"
    )
    preprod.get_object(Bucket=data.bucket, Key="train.csv")
    assert refusal(preprod.put_object, Bucket=data.bucket, Key="x", Body=b"x")[0] == "AccessDenied"
    data.kms().revoke_grant(KeyId=data.key, GrantId=grant["GrantId"])
    assert refusal(preprod.get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"


def test_requests_that_contradict_themselves_are_refused(data: Data) -> None:
    s3 = data.s3(DEV)
    put = {"Bucket": data.bucket, "Key": "x", "Body": b"x"}
    assert refusal(s3.put_object, **put, SSEKMSKeyId=data.key)[0] == "InvalidArgument"
    assert refusal(s3.put_object, **put, ServerSideEncryption="rot13")[0] == "InvalidArgument"
    unknown = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": str(uuid.uuid4())}
    code, message, _ = refusal(s3.put_object, **put, **unknown)
    assert code == "KMS.NotFoundException"
    assert unknown["SSEKMSKeyId"] in message
    abroad = data.key.replace(REGION, "us-east-1")
    code = refusal(s3.put_object, **put, ServerSideEncryption="aws:kms", SSEKMSKeyId=abroad)[0]
    assert code == "KMS.NotFoundException"


def test_a_bucket_key_binds_to_the_bucket(data: Data) -> None:
    encrypt_by_default(data.s3(DEV), data.bucket, data.key, bucket_key=True)
    put = data.s3(DEV).put_object(Bucket=data.bucket, Key="k", Body=b"x")
    assert put["BucketKeyEnabled"] is True
    policy = json.loads(shaped(DEV, readers=[root(PREPROD)]))
    about = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{data.bucket}"}}
    policy["Statement"][-1]["Condition"] = about
    data.kms().put_key_policy(KeyId=data.key, PolicyName="default", Policy=json.dumps(policy))
    data.s3(PREPROD).get_object(Bucket=data.bucket, Key="k")
    assert refusal(data.s3(PREPROD).get_object, Bucket=data.bucket, Key="train.csv")[0] == "AccessDenied"

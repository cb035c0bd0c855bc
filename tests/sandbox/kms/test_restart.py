"""After a restart keys keep out whom they kept out, from the first request on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server
from tests.sandbox.keys import root, shaped

REGION = "eu-west-1"
OWNER, READER, GUEST, STRANGER = "111111111111", "222222222222", "333333333333", "444444444444"


def client(server: Server, service: str, account: str) -> Any:
    return boto3.client(
        service,
        REGION,
        endpoint_url=server.endpoint,
        aws_access_key_id=account,
        aws_secret_access_key="x",
    )


def test_policies_and_grants_hold_over_a_restart(tmp_path: Path) -> None:
    first = Server(tmp_path, port=0)
    first.start()
    s3, kms = client(first, "s3", OWNER), client(first, "kms", OWNER)
    key = kms.create_key(Policy=shaped(OWNER, readers=[root(READER)]))["KeyMetadata"]["Arn"]
    kms.create_grant(KeyId=key, GranteePrincipal=root(GUEST), Operations=["Decrypt"])
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION})
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::kept/*",
    }
    s3.put_bucket_policy(
        Bucket="kept", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    )
    s3.put_object(Bucket="kept", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    first.stop()

    second = Server(tmp_path, port=0)
    second.start()
    try:
        for account in (OWNER, READER, GUEST):
            got = client(second, "s3", account).get_object(Bucket="kept", Key="k")
            assert (got["Body"].read(), got["SSEKMSKeyId"]) == (b"x", key)
            assert client(second, "kms", account).decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
        with pytest.raises(ClientError, match="kms:Decrypt"):
            client(second, "s3", STRANGER).get_object(Bucket="kept", Key="k")
    finally:
        second.stop()


@pytest.mark.parametrize(
    ("spec", "algorithm"), [("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"), ("ECC_NIST_P256", "ECDSA_SHA_256")]
)
def test_a_pair_of_keys_signs_as_before(tmp_path: Path, spec: str, algorithm: str) -> None:
    first = Server(tmp_path, port=0)
    first.start()
    kms = client(first, "kms", OWNER)
    key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public = kms.get_public_key(KeyId=key)["PublicKey"]
    signed = kms.sign(KeyId=key, Message=b"said", SigningAlgorithm=algorithm)["Signature"]
    first.stop()

    second = Server(tmp_path, port=0)
    second.start()
    try:
        kms = client(second, "kms", OWNER)
        assert kms.get_public_key(KeyId=key)["PublicKey"] == public
        found = kms.verify(KeyId=key, Message=b"said", Signature=signed, SigningAlgorithm=algorithm)
        assert found["SignatureValid"]
    finally:
        second.stop()


def test_symmetric_keys_are_told_as_what_they_were_asked_for(tmp_path: Path) -> None:
    server = Server(tmp_path, port=0)
    server.start()
    try:
        kms = client(server, "kms", OWNER)
        plain = kms.create_key()["KeyMetadata"]
        assert (plain["KeySpec"], plain["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        assert plain["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
        mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
        assert mac["KeySpec"] == "HMAC_256"
        with pytest.raises(ClientError, match="ValidationException"):
            kms.create_key(KeySpec="AES_1")
    finally:
        server.stop()

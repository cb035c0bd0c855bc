"""KMS between accounts: a key is used by its ARN, by whom its policy or a grant lets in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.keys import root, shaped

Client = Callable[..., Any]

OWNER, USER, READER, STRANGER = "111111111111", "222222222222", "333333333333", "444444444444"
CONTEXT = {"project": "mammography"}


@pytest.fixture
def owner(client: Client) -> Any:
    return client("kms", account=OWNER)


@pytest.fixture
def user(client: Client) -> Any:
    return client("kms", account=USER)


@pytest.fixture
def reader(client: Client) -> Any:
    return client("kms", account=READER)


@pytest.fixture
def stranger(client: Client) -> Any:
    return client("kms", account=STRANGER)


@pytest.fixture
def key(owner: Any) -> str:
    """A key's ARN, used by one account and read by another."""
    policy = shaped(OWNER, users=[root(USER)], readers=[root(READER)])
    return str(owner.create_key(Policy=policy)["KeyMetadata"]["Arn"])


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """Code and message of a call that must be refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    return error["Code"], error["Message"]


def test_each_account_does_what_the_policy_says(
    key: str, owner: Any, user: Any, reader: Any, stranger: Any
) -> None:
    sealed = user.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=CONTEXT)
    assert sealed["KeyId"] == key
    blob = {"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": CONTEXT}
    for who in (owner, user, reader):
        opened = who.decrypt(**blob)
        assert (opened["Plaintext"], opened["KeyId"]) == (b"secret", key)
    code, message = refusal(stranger.decrypt, **blob)
    assert code == "AccessDeniedException"
    assert f"User: {root(STRANGER)} is not authorized to perform: kms:Decrypt on resource: {key}" in message
    for who in (reader, stranger):
        code, message = refusal(who.encrypt, KeyId=key, Plaintext=b"x")
        assert code == "AccessDeniedException"
        assert "kms:Encrypt" in message
        assert refusal(who.generate_data_key, KeyId=key, KeySpec="AES_256")[0] == "AccessDeniedException"
    made = user.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert reader.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    bare = user.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
    assert bare["KeyId"] == key
    assert refusal(owner.decrypt, **{**blob, "EncryptionContext": {}})[0] == "InvalidCiphertextException"


def test_a_foreign_key_is_described_to_its_readers_and_changed_by_nobody_else(
    key: str, owner: Any, user: Any, reader: Any, stranger: Any
) -> None:
    assert reader.describe_key(KeyId=key)["KeyMetadata"]["AWSAccountId"] == OWNER
    assert refusal(stranger.describe_key, KeyId=key)[0] == "AccessDeniedException"
    absent = key[:-36] + str(uuid.uuid4())
    assert refusal(stranger.describe_key, KeyId=absent)[0] == "AccessDeniedException"
    assert refusal(owner.describe_key, KeyId=absent)[0] == "NotFoundException"
    assert refusal(user.disable_key, KeyId=key)[0] == "AccessDeniedException"
    assert refusal(user.get_key_policy, KeyId=key, PolicyName="default")[0] == "AccessDeniedException"
    given = {"KeyId": key, "PolicyName": "default", "Policy": shaped(USER)}
    assert refusal(user.put_key_policy, **given)[0] == "AccessDeniedException"
    assert refusal(user.get_key_rotation_status, KeyId=key)[0] == "AccessDeniedException"


def test_one_account_passes_a_secret_on_under_its_own_key(key: str, reader: Any, user: Any) -> None:
    own = reader.create_key()["KeyMetadata"]["Arn"]
    sealed = user.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    # A reader may decrypt, not encrypt again: that is an action of its own.
    code, message = refusal(reader.re_encrypt, CiphertextBlob=sealed, DestinationKeyId=own)
    assert (code, "kms:ReEncryptFrom" in message) == ("AccessDeniedException", True)
    mine = user.create_key()["KeyMetadata"]["Arn"]
    again = user.re_encrypt(CiphertextBlob=sealed, SourceKeyId=key, DestinationKeyId=mine)
    assert (again["SourceKeyId"], again["KeyId"]) == (key, mine)
    assert user.decrypt(CiphertextBlob=again["CiphertextBlob"])["Plaintext"] == b"secret"
    assert refusal(reader.decrypt, CiphertextBlob=again["CiphertextBlob"])[0] == "AccessDeniedException"


def test_a_grant_for_one_role_with_a_context(key: str, owner: Any, client: Client) -> None:
    role = f"arn:aws:iam::{STRANGER}:role/worker"
    told = owner.create_grant(
        KeyId=key,
        GranteePrincipal=role,
        Operations=["Decrypt", "Encrypt"],
        Constraints={"EncryptionContextSubset": CONTEXT},
    )
    got = client("sts", account=STRANGER).assume_role(RoleArn=role, RoleSessionName="work")["Credentials"]
    worker = client("kms", access_key=got["AccessKeyId"], aws_session_token=got["SessionToken"])
    sealed = worker.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={**CONTEXT, "run": "1"})
    blob = sealed["CiphertextBlob"]
    assert worker.decrypt(CiphertextBlob=blob, EncryptionContext={**CONTEXT, "run": "1"})["Plaintext"] == b"x"
    assert refusal(worker.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    assert len(owner.list_grants(KeyId=key)["Grants"]) == 1
    owner.revoke_grant(KeyId=key, GrantId=told["GrantId"])
    given = {"KeyId": key, "Plaintext": b"x", "EncryptionContext": CONTEXT}
    assert refusal(worker.encrypt, **given)[0] == "AccessDeniedException"


def test_users_grant_only_for_services_as_the_module_says(key: str, user: Any) -> None:
    given = {"KeyId": key, "GranteePrincipal": root(STRANGER), "Operations": ["Decrypt"]}
    code, message = refusal(user.create_grant, **given)
    assert (code, "kms:CreateGrant" in message) == ("AccessDeniedException", True)


def test_a_key_that_is_off_or_going_does_nothing(key: str, owner: Any, user: Any) -> None:
    blob = owner.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    owner.disable_key(KeyId=key)
    assert refusal(user.decrypt, CiphertextBlob=blob) == ("DisabledException", f"{key} is disabled.")
    owner.enable_key(KeyId=key)
    owner.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(owner.encrypt, KeyId=key, Plaintext=b"x")[0] == "KMSInvalidStateException"
    assert owner.cancel_key_deletion(KeyId=key)["KeyId"] == key
    assert refusal(owner.decrypt, CiphertextBlob=blob)[0] == "DisabledException"
    owner.enable_key(KeyId=key)
    assert user.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert refusal(owner.decrypt, CiphertextBlob=blob, DryRun=True)[0] == "DryRunOperationException"


def test_the_wrong_key_and_what_is_no_ciphertext(key: str, owner: Any) -> None:
    blob = owner.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    other = owner.create_key()["KeyMetadata"]["KeyId"]
    assert refusal(owner.decrypt, CiphertextBlob=blob, KeyId=other)[0] == "IncorrectKeyException"
    assert refusal(owner.decrypt, CiphertextBlob=b"nothing")[0] == "InvalidCiphertextException"
    assert refusal(owner.encrypt, KeyId="alias/none", Plaintext=b"x")[0] == "NotFoundException"


def test_signatures_and_codes_by_foreign_keys(owner: Any, user: Any, stranger: Any) -> None:
    policy = json.loads(shaped(OWNER, users=[root(USER)]))
    policy["Statement"][1]["Action"] += ["kms:Sign", "kms:Verify", "kms:GetPublicKey", "kms:*Mac"]
    text = json.dumps(policy)
    signing = owner.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Policy=text)
    arn = signing["KeyMetadata"]["Arn"]
    how = {"KeyId": arn, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = user.sign(**how)["Signature"]
    assert user.verify(**how, Signature=signature)["SignatureValid"] is True
    assert user.get_public_key(KeyId=arn)["PublicKey"]
    assert refusal(stranger.sign, **how)[0] == "AccessDeniedException"
    assert refusal(stranger.get_public_key, KeyId=arn)[0] == "AccessDeniedException"
    hashing = owner.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", Policy=text)
    how = {"KeyId": hashing["KeyMetadata"]["Arn"], "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    mac = user.generate_mac(**how)["Mac"]
    assert user.verify_mac(**how, Mac=mac)["MacValid"] is True
    assert refusal(stranger.generate_mac, **how)[0] == "AccessDeniedException"


def test_policies_are_checked_when_they_are_set(owner: Any, key: str) -> None:
    before = owner.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    locking = shaped(OWNER).replace("kms:*", "kms:Describe*")
    for text in ("{}", "no JSON", shaped(OWNER).replace("Allow", "Perhaps"), locking):
        assert refusal(owner.create_key, Policy=text)[0] == "MalformedPolicyDocumentException"
        given = {"KeyId": key, "PolicyName": "default", "Policy": text}
        assert refusal(owner.put_key_policy, **given)[0] == "MalformedPolicyDocumentException"
    assert owner.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == before
    owner.put_key_policy(KeyId=key, PolicyName="default", Policy=locking, BypassPolicyLockoutSafetyCheck=True)
    # Nobody may use it then, in its own account either.
    code, message = refusal(owner.encrypt, KeyId=key, Plaintext=b"x")
    assert code == "AccessDeniedException"
    assert "no resource-based policy allows the kms:Encrypt action" in message


def test_own_keys_are_managed_by_id_and_by_arn(owner: Any, key: str) -> None:
    for name in (key, key.rpartition("/")[2]):
        owner.enable_key_rotation(KeyId=name)
        assert owner.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"] is True
        owner.disable_key_rotation(KeyId=name)
        owner.update_key_description(KeyId=name, Description="d")
        assert owner.describe_key(KeyId=name)["KeyMetadata"]["Description"] == "d"


def test_keys_of_aws_are_described_and_used_by_their_service_only(owner: Any) -> None:
    told = owner.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    listed = {each["AliasName"]: each["TargetKeyId"] for each in owner.list_aliases()["Aliases"]}
    assert (told["KeyManager"], told["KeyId"]) == ("AWS", listed["alias/aws/s3"])
    assert refusal(owner.encrypt, KeyId="alias/aws/s3", Plaintext=b"x")[0] == "AccessDeniedException"
    assert refusal(owner.disable_key, KeyId=told["Arn"])[0] == "AccessDeniedException"


def test_what_the_sandbox_cannot_do_with_keys_is_told(owner: Any, key: str) -> None:
    granted = refusal(
        owner.create_grant, KeyId=key, Operations=["Decrypt"], GranteeServicePrincipal="logs.amazonaws.com"
    )
    assert "GranteePrincipal only" in granted[1]
    assert "CiphertextBlob is missing" in refusal(owner.decrypt, KeyId=key)[1]

"""Diagnostics as errors: where, what, and what to do. The texts are Terraform 1.11's and the AWS provider's."""

from __future__ import annotations

import pytest

from ropeway.infra.diagnostics import Diagnostic, advice, from_text

LOCKED = """operation error S3: PutObject, https response error StatusCode: 412, PreconditionFailed
Lock Info:
  ID:        6a4ab23d-1c11-dc1f-a6b4-0c37e2f8a36c
  Path:      acme-retail-dev-tfstate-111111111111/platform/terraform.tfstate
  Operation: OperationTypeApply
  Who:       kim@laptop
  Version:   1.11.4
  Created:   2026-11-20 08:15:30.123456789 +0000 UTC
  Info:


Terraform acquires a state lock to protect the state from being written by multiple users at the same time."""


def test_an_error_says_where_and_which_resource() -> None:
    told = Diagnostic.of(
        {
            "severity": "error",
            "summary": "creating KMS Key: AccessDenied",
            "detail": "",
            "address": "module.keys.aws_kms_key.data",
            "range": {"filename": "../../modules/keys/main.tf", "start": {"line": 12, "column": 1}},
            "snippet": {"values": [{"traversal": "each.key", "statement": 'is "data"'}]},
        }
    )
    assert told.message == (
        "../../modules/keys/main.tf:12: module.keys.aws_kms_key.data: creating KMS Key: AccessDenied:"
        ' (each.key is "data")'
    )


def test_a_lock_is_explained() -> None:
    told = Diagnostic("error", "Error acquiring the state lock", LOCKED)
    assert told.message == (
        "the state is locked: kim@laptop holds it for apply since 2026-11-20 08:15:30 UTC"
        " (lock 6a4ab23d-1c11-dc1f-a6b4-0c37e2f8a36c)"
    )
    assert "ropeway infra unlock --unit retail --env dev" in (advice(told.summary, "retail", "dev") or "")


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("Failed to query available provider packages", "ROPEWAY_TERRAFORM_MIRROR"),
        ("Saved plan is stale", "ropeway infra plan --unit retail --env dev"),
        ("api error ExpiredToken: The security token included in the request is expired", "log in again"),
        ('S3 bucket "x" does not exist.', "ropeway bootstrap dev --unit retail"),
        ("api error AccessDenied: not authorized to perform", "the role lacks this permission"),
        ("BucketAlreadyOwnedByYou", "made elsewhere"),
        ("dial tcp 127.0.0.1:1: connect: connection refused", "ropeway sandbox status"),
        ("Unsupported Terraform Core version", "install the version"),
        ("ThrottlingException: Rate exceeded", "slow down"),
        ("ServiceQuotaExceededException", "higher quota"),
    ],
)
def test_known_failures_have_advice(said: str, helps: str) -> None:
    assert helps in (advice(said, "retail", "dev") or "")


def test_the_rest_has_none() -> None:
    assert advice("Invalid index", "retail", "dev") is None


def test_text_for_people_is_read_too() -> None:
    told = from_text(
        """
Initializing the backend...
│ Warning: Old
│
│ nothing
╵
╷
│ Error: Failed to query available provider packages
│
│ Could not retrieve the list of available versions for provider
│ hashicorp/nothing
╵
"""
    )
    assert told == [
        Diagnostic(
            "error",
            "Failed to query available provider packages",
            "Could not retrieve the list of available versions for provider hashicorp/nothing",
        )
    ]


def test_a_key_that_is_not_there_is_no_lock() -> None:
    said = "Error acquiring the state lock: api error KMS.NotFoundException: Alias alias/x-state is not found"
    assert "ropeway bootstrap dev --unit retail" in (advice(said, "retail", "dev") or "")

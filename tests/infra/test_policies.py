"""No policy of the modules and stacks allows more than it says why: ``terraform/exceptions.yaml`` is that list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.policies import FOLDERS, ROOT, Statement, attributes, statements, text_of

NAMES = [f"{folder.parent.name}/{folder.name}" for folder in FOLDERS]
STATEMENTS = [statement for folder in FOLDERS for statement in statements(folder)]
EXCEPTIONS: dict[str, list[dict[str, str]]] = yaml.safe_load(
    (ROOT / "exceptions.yaml").read_text(encoding="utf-8")
)
# Attributes that hold a policy, and what they may be made of: documents that this test reads, or the caller's.
POLICIES = {"assume_role_policy", "policy", "resource_policy", "access_policy", "inline_policy"}
# Says what happens to old images, not who may what.
_NO_POLICY = "aws_ecr_lifecycle_policy"
_READ = re.compile(r"^(data\.aws_iam_policy_document\.|var\.|each\.value$|module\.|aws_iam_policy\.)")
# A bucket that everybody's would be.
_ALL_BUCKETS = re.compile(r"^arn:[^:]+:s3:::\*")


def _findings(statement: Statement) -> Iterator[str]:
    """What a statement allows without naming it."""
    words = statement.words
    if statement.effect != "Allow":
        return
    if any(action == "*" or action.endswith(":*") for action in words.get("actions", ())):
        yield "every action"
    if any(each == "*" or _ALL_BUCKETS.match(each) for each in words.get("resources", ())):
        yield "every resource"
    if "*" in words.get("identifiers", ()):
        yield "everybody"
    if "not_actions" in words or "not_resources" in words:
        yield "all but"


def _explained() -> set[tuple[str, str, str, str]]:
    return {
        (each["module"], each["document"], each["statement"], each["allows"])
        for each in EXCEPTIONS["policies"]
    }


def _found() -> set[tuple[str, str, str, str]]:
    return {(*statement.place, finding) for statement in STATEMENTS for finding in _findings(statement)}


def test_the_reader_reads_what_is_there() -> None:
    sids = {statement.place: statement for statement in STATEMENTS}
    outside = sids["modules/job-roles", "inside_vpc", "ElsewhereBySubnet"]
    assert outside.effect == "Deny"
    assert "sagemaker:UpdateMonitoringSchedule" in outside.words["actions"], "locals are looked into"
    assert outside.conditions == ("sagemaker:VpcSubnets",)
    written = sum(
        len(re.findall(r"^ +(?:statement|dynamic \"statement\") \{$", text_of(folder), re.MULTILINE))
        for folder in FOLDERS
    )
    assert len(STATEMENTS) == written > 100


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        ({"actions": ["s3:*"], "resources": ["arn:aws:s3:::one"]}, "every action"),
        ({"actions": ["s3:GetObject"], "resources": ["*"]}, "every resource"),
        ({"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::*/*"]}, "every resource"),
        (
            {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::one/*"], "identifiers": ["*"]},
            "everybody",
        ),
        ({"not_actions": ["iam:PassRole"], "resources": ["arn:aws:s3:::one"]}, "all but"),
    ],
)
def test_what_is_too_much_is_found(words: dict[str, list[str]], finding: str) -> None:
    assert list(_findings(Statement("modules/one", "two", "Three", "Allow", words))) == [finding]
    assert not list(_findings(Statement("modules/one", "two", "Three", "Deny", words)))


def test_nothing_is_allowed_without_a_reason() -> None:
    assert sorted(_found() - _explained()) == [], "narrow it, or give the reason in terraform/exceptions.yaml"


def test_no_exception_is_left_over() -> None:
    assert sorted(_explained() - _found()) == [], "take it out of terraform/exceptions.yaml"


def test_every_exception_has_a_reason() -> None:
    entries: list[dict[str, Any]] = [*EXCEPTIONS["policies"], *EXCEPTIONS["checkov"]]
    assert [entry for entry in entries if len(str(entry.get("reason", ""))) < 20] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_no_policy_of_awss_own_is_attached(folder: Path) -> None:
    assert not re.findall(r"FullAccess|AdministratorAccess|PowerUser|:iam::aws:policy", text_of(folder))


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_policies_are_documents_that_this_test_reads(folder: Path) -> None:
    made = [
        (name, expression)
        for kind, block in re.findall(
            r'^resource "([^"]+)" "[^"]+" \{\n(.*?)^\}', text_of(folder), re.MULTILINE | re.DOTALL
        )
        if kind != _NO_POLICY
        for name, expression in attributes(block)
        if name in POLICIES
    ]
    assert [each for each in made if not _READ.match(each[1])] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_every_role_is_bounded(folder: Path) -> None:
    roles = re.findall(
        r'^resource "aws_iam_role" "(\w+)" \{\n(.*?)^\}', text_of(folder), re.MULTILINE | re.DOTALL
    )
    assert [name for name, body in roles if "permissions_boundary" not in dict(attributes(body))] == []


def test_services_assume_roles_for_this_account_only() -> None:
    trusts = [
        statement
        for statement in STATEMENTS
        if "sts:AssumeRole" in statement.words.get("actions", ())
        and "Service" in statement.words.get("type", ())
    ]
    assert trusts
    assert [trust.place for trust in trusts if "aws:SourceAccount" not in trust.conditions] == []

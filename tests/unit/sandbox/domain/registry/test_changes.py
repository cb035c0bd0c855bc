"""What a change makes of a package's document."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.registry.changes import changed, check_new

SMALL = {"Name": "small", "Containers": [{"Image": "image:2"}]}


def test_members_that_a_change_does_not_name_stay() -> None:
    document = {"Domain": "OTHER", "SourceUri": "s3://b/a", "CustomerMetadataProperties": {"a": "1"}}
    assert changed(document, {"ApprovalDescription": "fine"}) == {**document, "ApprovalDescription": "fine"}


def test_the_document_itself_is_not_touched() -> None:
    document: dict[str, Any] = {"CustomerMetadataProperties": {"a": "1"}}
    changed(document, {"CustomerMetadataProperties": {"a": "2"}, "CustomerMetadataPropertiesToRemove": ["a"]})
    assert document == {"CustomerMetadataProperties": {"a": "1"}}


def test_a_property_that_is_removed_and_set_is_set() -> None:
    request = {"CustomerMetadataProperties": {"a": "2"}, "CustomerMetadataPropertiesToRemove": ["a"]}
    assert changed({"CustomerMetadataProperties": {"a": "1"}}, request)["CustomerMetadataProperties"] == {
        "a": "2"
    }


def test_an_additional_specification_s_name_can_be_taken_once() -> None:
    request = {"AdditionalInferenceSpecificationsToAdd": [SMALL]}
    after = changed({}, request)
    with pytest.raises(Invalid, match="own name"):
        changed(after, request)


def test_approval_is_kept_beside_the_document() -> None:
    assert (
        changed({}, {"ModelApprovalStatus": "Approved", "ModelPackageArn": "arn", "ClientToken": "t"}) == {}
    )


@pytest.mark.parametrize(
    "request_",
    [
        {"ModelPackageName": "a", "InferenceSpecification": {}, "CustomerMetadataProperties": {"a": "1"}},
        {"ModelPackageGroupName": "g", "AdditionalInferenceSpecifications": [SMALL, SMALL]},
    ],
)
def test_new_packages_that_contradict_themselves_are_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check_new(request_)

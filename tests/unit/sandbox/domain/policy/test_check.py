"""What is no policy, and where it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.policy import check, parse

GOOD: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {
        "AWS": ["111111111111", "arn:aws:iam::222222222222:role/R"],
        "Service": "events.amazonaws.com",
    },
    "Action": ["s3:Get*", "*"],
    "Resource": ["arn:aws:s3:::b/*", "*"],
    "Condition": {
        "StringLikeIfExists": {"aws:a": ["x", "y"]},
        "ForAnyValue:StringEquals": {"aws:b": "x"},
        "Null": {"aws:c": True},
        "NumericLessThan": {"s3:max-keys": 10},
        "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
        "BinaryEquals": {"k": "QmFy"},
        "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "${aws:VpcSourceIp}"]},
    },
}


def _with(**members: Any) -> dict[str, Any]:
    kept = {name: value for name, value in {**GOOD, **members}.items() if value is not None}
    return {"Version": "2012-10-17", "Id": "policy", "Statement": [kept]}


@pytest.mark.parametrize(
    "policy",
    [
        _with(),
        _with(Sid=""),
        _with(Principal="*"),
        _with(Principal={"AWS": "*"}),
        _with(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::222222222222:root"}),
        _with(Action=None, NotAction="s3:Delete*"),
        _with(Resource=None, NotResource="arn:aws:s3:::b"),
        _with(Resource="${aws:x}"),
        {"Statement": {**GOOD, "Effect": "Deny"}},
    ],
)
def test_a_policy_is_taken(policy: Any) -> None:
    check(policy)
    assert parse(json.dumps(policy)) == policy


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ([], "Policy: must be a JSON object"),
        ({}, "Statement: must be a statement or a list"),
        ({"Statement": []}, "Statement: must be"),
        ({"Statement": "x"}, "Statement: must be"),
        ({"Statement": ["x"]}, "Statement 1: must be a JSON object"),
        ({"Statement": [GOOD], "Extra": 1}, "Policy: has an unknown element 'Extra'"),
        ({"Statement": [GOOD], "Version": "2020-01-01"}, "Version: must be 2012-10-17 or 2008-10-17"),
        ({"Statement": [GOOD], "Id": 3}, "Id: must be a string"),
        ({"Statement": [GOOD, GOOD]}, "Statement 2: Sid 'Read' is used twice"),
        (_with(Sid=3), "Statement 1: Sid must be a string"),
        (_with(Effect="allow"), "Statement 1 (Read): Effect must be Allow or Deny"),
        (_with(Actions=[]), "Statement 1 (Read): has an unknown element 'Actions'"),
        (_with(Principal=None), "needs exactly one of Principal and NotPrincipal"),
        (_with(NotAction="s3:*"), "needs exactly one of Action and NotAction"),
        (_with(Resource=None), "needs exactly one of Resource and NotResource"),
        (_with(Principal="111111111111"), 'Principal: must be "*" or an object'),
        (_with(Principal={}), 'Principal: must be "*" or an object'),
        (_with(Principal={"Aws": "*"}), "Principal: has an unknown element 'Aws'"),
        (_with(Principal={"AWS": "nobody"}), "Principal, AWS: 'nobody' is not an account"),
        (_with(Principal={"AWS": "arn:aws:iam::111111111111:role/*"}), "is not an account, an IAM ARN or *"),
        (_with(Principal={"AWS": []}), "Principal, AWS: must not be empty"),
        (_with(Action="GetObject"), "Action: 'GetObject' is not an action"),
        (_with(Action=[3]), "Action: must be a string or a list of strings"),
        (_with(Action=""), "Action: must be a string or a list of strings"),
        (_with(Resource="bucket"), "Resource: 'bucket' is not an ARN or *"),
        (_with(Condition=[]), "Condition: must be a JSON object"),
        (_with(Condition={"Equals": {"k": "v"}}), "Condition: 'Equals' is not a condition operator"),
        (_with(Condition={"Any:Bool": {"k": "true"}}), "'Any:Bool' is not a condition operator"),
        (_with(Condition={"NullIfExists": {"k": "true"}}), "Null has no form 'NullIfExists'"),
        (_with(Condition={"Bool": "true"}), "Condition, Bool: must be an object"),
        (_with(Condition={"Bool": {}}), "Condition, Bool: must be an object with at least one"),
        (_with(Condition={"Bool": {"k": []}}), "Condition, Bool, k: must not be empty"),
        (_with(Condition={"Bool": {"k": {}}}), "Condition, Bool, k: must be a string or a list"),
        (_with(Condition={"Bool": {"k": "maybe"}}), "Condition, Bool, k: 'maybe' is not true or false"),
        (_with(Condition={"Null": {"k": "maybe"}}), "'maybe' is not true or false"),
        (_with(Condition={"NumericEquals": {"k": "ten"}}), "'ten' is not a number"),
        (_with(Condition={"DateEquals": {"k": "soon"}}), "'soon' is not a date"),
        (_with(Condition={"NotIpAddress": {"k": "home"}}), "'home' is not an IP address or range"),
        (_with(Condition={"BinaryEquals": {"k": "?"}}), "'?' is not base64"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(policy: Any, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(policy)
    assert caught.value.code == "MalformedPolicy"
    assert text in caught.value.message


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(Invalid, match="Policy: is not valid JSON"):
        parse("{")


def test_an_identity_policy_names_no_principal_and_a_trust_policy_no_resource() -> None:
    identity = _with(Principal=None)
    check(identity, principal=False)
    trust = _with(Resource=None)
    check(trust, resource=False)
    with pytest.raises(Invalid, match="Principal has no place"):
        check(_with(), principal=False)
    with pytest.raises(Invalid, match="Resource has no place"):
        check(_with(), resource=False)

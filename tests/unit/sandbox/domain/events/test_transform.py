"""What targets are given of an event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.transform import check_input, payload, resolved

RULE = "arn:aws:events:eu-west-1:111111111111:rule/r"
EVENT = {
    "id": "1",
    "time": "2026-11-21T10:00:00Z",
    "resources": ["arn:one", "arn:two"],
    "detail": {"state": 'say "hi"', "count": 3, "deep": {"a": ["b"]}, "a b": 1},
}


def filled(template: str, **paths: str) -> str:
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}
    return payload(target, EVENT, RULE)


def test_all_a_part_or_a_constant() -> None:
    assert json.loads(payload({}, EVENT, RULE)) == EVENT
    assert payload({"InputPath": "$.detail.deep"}, EVENT, RULE) == '{"a":["b"]}'
    assert payload({"InputPath": "$.detail.none"}, EVENT, RULE) == "{}"
    assert payload({"InputPath": "$.resources[1]"}, EVENT, RULE) == '"arn:two"'
    assert payload({"InputPath": "$.detail['a b']"}, EVENT, RULE) == "1"
    assert payload({"Input": '{"x": 1}'}, EVENT, RULE) == '{"x": 1}'


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ('{"s": <state>, "n": <count>}', '{"s": "say \\"hi\\"", "n": 3}'),
        ('"it is <state>, <count> times"', '"it is say \\"hi\\", 3 times"'),
        ('{"d": <deep>}', '{"d": {"a":["b"]}}'),
        ('"d: <deep>"', '"d: {a:[b]}"'),
        ('{"gone": <gone>, "text": "-<gone>-"}', '{"gone": "", "text": "--"}'),
        ('"<count>"\n"<state>"', '"3"\n"say \\"hi\\""'),
        ('"<unknown>"', '"<unknown>"'),
        ('{"rule": <aws.events.rule-arn>}', f'{{"rule": "{RULE}"}}'),
        ('"<aws.events.rule-name> <aws.events.event.ingestion-time>"', '"r 2026-11-21T10:00:00Z"'),
    ],
)
def test_templates(template: str, wanted: str) -> None:
    paths = {
        "state": "$.detail.state",
        "count": "$.detail.count",
        "deep": "$.detail.deep",
        "gone": "$.detail.gone",
    }
    assert filled(template, **paths) == wanted


def test_the_event_itself_in_a_template() -> None:
    assert json.loads(filled('{"e": <aws.events.event.json>}'))["e"] == EVENT
    assert "detail" not in json.loads(filled('{"e": <aws.events.event>}'))["e"]


def test_parameters_take_values_from_the_event() -> None:
    given = {
        "PipelineParameterList": [{"Name": "N", "Value": "$.detail.count"}, {"Name": "M", "Value": "plain"}]
    }
    assert resolved(given, EVENT) == {
        "PipelineParameterList": [{"Name": "N", "Value": "3"}, {"Name": "M", "Value": "plain"}]
    }


@pytest.mark.parametrize(
    "target",
    [
        {"Input": "no json"},
        {"InputPath": "detail"},
        {"InputPath": "$.detail["},
        {"Input": "{}", "InputPath": "$"},
        {"InputTransformer": {"InputPathsMap": {"a": "x"}, "InputTemplate": '"<a>"'}},
        {"InputTransformer": {"InputPathsMap": {"awsThing": "$.x"}, "InputTemplate": '"x"'}},
        {"InputTransformer": {"InputPathsMap": {"a": "$.x"}, "InputTemplate": '"<a> <b>"'}},
        {"InputTransformer": {"InputTemplate": '"<aws.events.other>"'}},
    ],
)
def test_what_no_target_can_be_given(target: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as caught:
        check_input({"Id": "t", **target})
    assert caught.value.code == "ValidationException"

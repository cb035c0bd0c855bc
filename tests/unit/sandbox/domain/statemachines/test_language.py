"""A conformance set of the Amazon States Language: every state type, field, rule, function and error name.

Written from the specification (https://states-language.net/spec.html) and the Step Functions developer guide.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.check import check
from ropeway.sandbox.domain.statemachines.errors import StateError
from tests.unit.sandbox.domain.statemachines.runs import (
    MACHINE,
    START,
    TASK,
    failure,
    finish,
    only,
    run,
    sheet_of,
)

DATA = {"a": {"b": [1, 2, 3]}, "name": "x", "flag": True, "none": None, "when": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    ("state", "output"),
    [
        ({"Type": "Pass"}, DATA),
        ({"Type": "Pass", "Result": 1}, 1),
        ({"Type": "Pass", "Result": 1, "ResultPath": "$.a.c"}, {**DATA, "a": {"b": [1, 2, 3], "c": 1}}),
        ({"Type": "Pass", "Result": 9, "ResultPath": "$.a.b[1]"}, {**DATA, "a": {"b": [1, 9, 3]}}),
        ({"Type": "Pass", "Result": 1, "ResultPath": None}, DATA),
        ({"Type": "Pass", "InputPath": "$.a"}, {"b": [1, 2, 3]}),
        ({"Type": "Pass", "InputPath": None}, {}),
        ({"Type": "Pass", "OutputPath": "$.a.b[-1]"}, 3),
        ({"Type": "Pass", "OutputPath": None}, {}),
        (
            {"Type": "Pass", "Parameters": {"x.$": "$.a.b[0]", "y": {"z.$": "$.name"}}},
            {"x": 1, "y": {"z": "x"}},
        ),
        ({"Type": "Pass", "Parameters": {"all.$": "$.a.b[?(@ > 1)]"}}, {"all": [2, 3]}),
        ({"Type": "Pass", "Parameters": {"all.$": "$.a.b[*]"}}, {"all": [1, 2, 3]}),
        ({"Type": "Pass", "InputPath": "$.a", "Parameters": {"n.$": "$.b[1:]"}}, {"n": [2, 3]}),
        (
            {"Type": "Pass", "Parameters": {"e.$": "$$.Execution.Name", "s.$": "$$.State.Name"}},
            {"e": "e", "s": "A"},
        ),
        ({"Type": "Pass", "Parameters": {"m.$": "$$.StateMachine.Id"}}, {"m": MACHINE}),
        ({"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}, [1, 2, 3]),
        ({"Type": "Wait", "Seconds": 5, "OutputPath": "$.name"}, "x"),
        (
            {"Type": "Pass", "InputPath": "$.name", "Parameters": {"all.$": "$", "none.$": "$..b"}},
            {"all": "x", "none": []},
        ),
        ({"Type": "Pass", "Result": '{"b": 1}', "OutputPath": "$"}, '{"b": 1}'),
    ],
)
def test_data_flows_through_a_state(state: dict[str, Any], output: Any) -> None:
    definition = only(state)
    assert check(json.dumps(definition)) == []
    assert run(definition, DATA) == output


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("States.Format('{} is {} \\{\\}', $.name, $.a.b)", "x is [1,2,3] {}"),
        ("States.Format('it\\'s')", "it's"),
        ("States.StringToJson('{\"a\": 1}')", {"a": 1}),
        ("States.JsonToString($.a)", '{"b":[1,2,3]}'),
        ("States.Array(1, 'two', null, true, $.name)", [1, "two", None, True, "x"]),
        ("States.ArrayPartition($.a.b, 2)", [[1, 2], [3]]),
        ("States.ArrayContains($.a.b, 2)", True),
        ("States.ArrayRange(1, 9, 4)", [1, 5, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayGetItem($.a.b, 1)", 2),
        ("States.ArrayLength($.a.b)", 3),
        ("States.ArrayUnique(States.Array(1, 2, 1))", [1, 2]),
        ("States.Base64Encode('a b')", "YSBi"),
        ("States.Base64Decode('YSBi')", "a b"),
        ("States.Hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("States.JsonMerge($.a, States.StringToJson('{\"c\": 1}'), false)", {"b": [1, 2, 3], "c": 1}),
        ("States.MathAdd(111, -1)", 110),
        ("States.StringSplit('a,b;c', ',;')", ["a", "b", "c"]),
        ("States.ArrayLength(States.ArrayRange(0, 4, 1))", 5),
        ("States.MathAdd(2.5, 0)", 3),
        ("States.ArrayContains(States.Array(1), true)", False),
        ("States.ArrayUnique(States.Array(1, true, 1))", [1, True]),
    ],
)
def test_intrinsic_functions_compute(call: str, value: Any) -> None:
    definition = only({"Type": "Pass", "Parameters": {"value.$": call}})
    assert check(json.dumps(definition)) == []
    assert run(definition, DATA) == {"value": value}


@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayGetItem($.a.b, 7)",
        "States.ArrayPartition($.a.b, 0)",
        "States.ArrayRange(0, 2000, 1)",
        "States.ArrayRange(0, 999999999999, 1)",
        "States.Base64Decode('?')",
        "States.Format('{}')",
        "States.Hash('a', 'CRC')",
        "States.JsonMerge($.a, $.a, true)",
        "States.MathAdd('a', 1)",
        "States.StringToJson('{')",
    ],
)
def test_a_function_that_fails_can_be_caught(call: str) -> None:
    state = {"Type": "Task", "Resource": TASK, "Parameters": {"x.$": call}}
    assert failure(only(state), DATA).error == "States.IntrinsicFailure"
    caught = {**state, "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "B"}]}
    definition = only(caught)
    definition["States"]["B"] = {"Type": "Succeed"}
    assert run(definition, DATA)["Error"] == "States.IntrinsicFailure"


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        ({"Variable": "$.name", "StringEquals": "x"}, True),
        ({"Variable": "$.a", "StringEquals": "x"}, False),
        ({"Variable": "$.name", "StringEqualsPath": "$.name"}, True),
        ({"Variable": "$.name", "StringLessThan": "y"}, True),
        ({"Variable": "$.name", "StringGreaterThanEquals": "y"}, False),
        ({"Variable": "$.name", "StringMatches": "*"}, True),
        ({"Variable": "$.when", "StringMatches": "2026-*T*Z"}, True),
        ({"Variable": "$.name", "StringMatches": "\\*"}, False),
        ({"Variable": "$.a.b[0]", "NumericEquals": 1.0}, True),
        ({"Variable": "$.a.b[0]", "NumericLessThanEqualsPath": "$.a.b[1]"}, True),
        ({"Variable": "$.flag", "NumericEquals": 1}, False),
        ({"Variable": "$.flag", "BooleanEquals": True}, True),
        ({"Variable": "$.flag", "BooleanEqualsPath": "$.flag"}, True),
        ({"Variable": "$.when", "TimestampEquals": "2026-01-02T04:04:05+01:00"}, True),
        ({"Variable": "$.when", "TimestampLessThan": "2026-01-02T03:04:05.5Z"}, True),
        ({"Variable": "$.name", "TimestampLessThan": "2026-01-02T03:04:05Z"}, False),
        ({"Variable": "$.none", "IsNull": True}, True),
        ({"Variable": "$.missing", "IsPresent": False}, True),
        ({"Variable": "$.none", "IsPresent": True}, True),
        ({"Variable": "$.a.b[0]", "IsNumeric": True}, True),
        ({"Variable": "$.flag", "IsNumeric": True}, False),
        ({"Variable": "$.name", "IsString": True}, True),
        ({"Variable": "$.flag", "IsBoolean": True}, True),
        ({"Variable": "$.when", "IsTimestamp": True}, True),
        ({"Variable": "$.name", "IsTimestamp": True}, False),
        ({"Not": {"Variable": "$.flag", "BooleanEquals": True}}, False),
        (
            {"And": [{"Variable": "$.flag", "IsPresent": True}, {"Variable": "$.name", "StringEquals": "x"}]},
            True,
        ),
        (
            {"Or": [{"Variable": "$.flag", "IsNull": True}, {"Variable": "$.name", "StringEquals": "x"}]},
            True,
        ),
    ],
)
def test_choices_compare(rule: dict[str, Any], held: bool) -> None:
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
            "Yes": {"Type": "Pass", "Result": True, "End": True},
            "No": {"Type": "Pass", "Result": False, "End": True},
        },
    }
    assert check(json.dumps(definition)) == []
    assert run(definition, DATA) is held


def test_a_choice_without_a_match_fails() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.name", "StringEquals": "y", "Next": "B"}]}
    definition = {"StartAt": "A", "States": {"A": choice, "B": {"Type": "Succeed"}}}
    assert failure(definition, DATA).error == "States.NoChoiceMatched"
    choice["Choices"][0]["Variable"] = "$.missing"  # type: ignore[index]
    assert failure(definition, DATA).error == "States.Runtime"


def test_waits_end_when_their_moment_has_come() -> None:
    for state, seconds in (
        ({"Seconds": 30}, 30),
        ({"SecondsPath": "$.s"}, 7),
        ({"Timestamp": "1970-01-12T13:47:00Z"}, 20),
        ({"TimestampPath": "$.t"}, 20),
        ({"Timestamp": "1970-01-01T00:00:00Z"}, 0),
    ):
        sheet = sheet_of(only({"Type": "Wait", **state}), {"s": 7, "t": "1970-01-12T13:47:00Z"})
        finish(sheet)
        assert (sheet.execution.stopped or 0) - START == seconds
    assert failure(only({"Type": "Wait", "TimestampPath": "$.t"}), {"t": "soon"}).error == "States.Runtime"


def test_retries_back_off_by_their_rate_up_to_the_longest_delay() -> None:
    rule = {
        "ErrorEquals": ["E"],
        "IntervalSeconds": 3,
        "BackoffRate": 2,
        "MaxAttempts": 4,
        "MaxDelaySeconds": 10,
    }
    moments: list[float] = []
    sheet = sheet_of(only({"Type": "Task", "Resource": TASK, "Retry": [rule]}))

    def answer(_: Any) -> Any:
        moments.append(sheet.now - START)
        raise StateError("E", "again")

    finish(sheet, answer)
    assert moments == [0, 3, 9, 19, 29]
    assert (sheet.execution.error, sheet.execution.cause) == ("E", "again")


def test_each_rule_counts_its_own_tries() -> None:
    rules = [{"ErrorEquals": ["E"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    errors = iter(["E", "F", "F", "E"])

    def answer(_: Any) -> Any:
        raise StateError(next(errors), None)

    assert failure(only({"Type": "Task", "Resource": TASK, "Retry": rules}), answer=answer).error == "E"
    assert next(errors, None) is None


@pytest.mark.parametrize(
    ("error", "names", "caught"),
    [
        ("E", ["E"], True),
        ("E", ["F"], False),
        ("E", ["States.ALL"], True),
        ("E", ["States.TaskFailed"], True),
        ("States.Timeout", ["States.TaskFailed"], False),
        ("States.HeartbeatTimeout", ["States.Timeout"], True),
        ("States.Runtime", ["States.ALL"], False),
        ("States.DataLimitExceeded", ["States.ALL"], False),
    ],
)
def test_catchers_name_errors(error: str, names: list[str], caught: bool) -> None:
    catch = [{"ErrorEquals": names, "ResultPath": "$.error", "Next": "B"}]
    definition = only({"Type": "Task", "Resource": TASK, "Catch": catch})
    definition["States"]["B"] = {"Type": "Succeed"}

    def answer(_: Any) -> Any:
        raise StateError(error, "why")

    if caught:
        assert run(definition, {"k": 1}, answer) == {"k": 1, "error": {"Error": error, "Cause": "why"}}
    else:
        assert failure(definition, {"k": 1}, answer).error == error


def test_a_fail_state_ends_with_its_words() -> None:
    told = failure(only({"Type": "Fail", "Error": "E", "Cause": "because"}))
    assert (told.error, told.cause) == ("E", "because")
    told = failure(
        only({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)"}),
        {"e": "F", "c": 1},
    )
    assert (told.error, told.cause) == ("F", "1!")


def test_branches_see_the_same_input_and_give_a_list() -> None:
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": True}}}
    other = {"StartAt": "C", "States": {"C": {"Type": "Task", "Resource": TASK, "End": True}}}
    state = {"Type": "Parallel", "Branches": [other, branch], "Parameters": {"n.$": "$.a.b[0]"}}
    assert run(only(state), DATA, lambda start: start.arguments["n"] + 1) == [2, {"n": 1}]
    placed = {**state, "ResultSelector": {"first.$": "$[0]"}, "ResultPath": "$.p", "OutputPath": "$.p"}
    assert run(only(placed), DATA, lambda start: 5) == {"first": 5}


def test_a_branch_s_error_stops_the_others_and_is_the_state_s() -> None:
    slow = {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": TASK, "End": True}}}
    bad = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}
    catch = [{"ErrorEquals": ["E"], "Next": "B", "ResultPath": None}]
    definition = only({"Type": "Parallel", "Branches": [slow, bad], "Catch": catch})
    definition["States"]["B"] = {"Type": "Pass", "End": True}
    sheet = sheet_of(definition, {"k": 1})
    assert json.loads(sheet.execution.output or "") == {"k": 1}
    assert [frame.called for frame in sheet.stops] == [TASK]


def test_a_parallel_state_is_tried_again_as_a_whole() -> None:
    bad = {"StartAt": "F", "States": {"F": {"Type": "Task", "Resource": TASK, "End": True}}}
    calls: list[int] = []

    def answer(start: Any) -> Any:
        calls.append(start.number)
        if len(calls) < 3:
            raise StateError("E", None)
        return len(calls)

    state = {"Type": "Parallel", "Branches": [bad, bad], "Retry": [{"ErrorEquals": ["E"]}]}
    assert run(only(state), answer=answer) == [3, 4]


def test_map_goes_through_items_a_few_at_a_time() -> None:
    inner = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": TASK, "End": True}}}
    state = {"Type": "Map", "ItemsPath": "$.a.b", "MaxConcurrency": 2, "ItemProcessor": inner}
    sheet = sheet_of(only(state), DATA)
    assert len(sheet.starts) == 2
    finish(sheet, lambda start: start.arguments * 10)
    assert json.loads(sheet.execution.output or "") == [10, 20, 30]
    old = {"Type": "Map", "ItemsPath": "$.a.b", "Iterator": inner, "Parameters": {"v.$": "$$.Map.Item.Value"}}
    assert run(only(old), DATA, lambda start: start.arguments) == [{"v": 1}, {"v": 2}, {"v": 3}]
    assert run(only({**state, "ItemsPath": "$.none"}), {"none": []}) == []
    pairs = {**state, "ItemsPath": "$.a"}
    assert run(only(pairs), {"a": {"k": 1}}, lambda start: start.arguments) == [{"Key": "k", "Value": 1}]
    assert failure(only({**state, "ItemsPath": "$.name"}), DATA).error == "States.Runtime"


def test_variables_are_seen_inside_and_assigned_outside_only() -> None:
    inner = {
        "StartAt": "T",
        "States": {
            "T": {"Type": "Pass", "Parameters": {"v.$": "$base.x"}, "Assign": {"base": "inner"}, "End": True}
        },
    }
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"base": {"x.$": "$.name"}}, "Next": "M"},
            "M": {"Type": "Map", "ItemsPath": "$.a.b", "ItemProcessor": inner, "Next": "Z"},
            "Z": {"Type": "Pass", "Parameters": {"base.$": "$base", "got.$": "$"}, "End": True},
        },
    }
    assert check(json.dumps(definition)) == []
    assert run(definition, DATA) == {"base": {"x": "x"}, "got": [{"v": "x"}] * 3}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.name & '!'", "x!"),
        ("$sum($states.input.a.b)", 6),
        ("$states.context.Execution.Name", "e"),
        ("$states.input.a.b[$ > 1]", [2, 3]),
        ("{'k': $states.input.none}", {"k": None}),
        ("$partition($states.input.a.b, 2)", [[1, 2], [3]]),
        ("$range(0, 4, 2)", [0, 2, 4]),
        ("$parse('[1]')", [1]),
        ("$hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$length($uuid())", 36),
        ("$random(1) < 1", True),
    ],
)
def test_jsonata_expressions_compute(expression: str, value: Any) -> None:
    state = {"Type": "Pass", "Output": f"{{% {expression} %}}"}
    definition = only(state, QueryLanguage="JSONata")
    assert check(json.dumps(definition)) == []
    assert run(definition, DATA) == value


@pytest.mark.parametrize("expression", ["$states.input.missing", "$error('no')", "1 / 'a'"])
def test_a_jsonata_expression_that_fails_can_be_caught(expression: str) -> None:
    state = {
        "Type": "Task",
        "Resource": TASK,
        "Arguments": f"{{% {expression} %}}",
        "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "caught", "Next": "B"}],
    }
    definition = only(state, QueryLanguage="JSONata")
    definition["States"]["B"] = {"Type": "Succeed"}
    assert run(definition, DATA) == "caught"


def test_jsonata_states_of_every_type_work_together() -> None:
    inner = {
        "StartAt": "T",
        "States": {
            "T": {"Type": "Task", "Resource": TASK, "Arguments": "{% $states.input * $k %}", "End": True}
        },
    }
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Assign": {"k": "{% 10 %}"}, "Next": "W"},
            "W": {"Type": "Wait", "Seconds": "{% $k %}", "Next": "M"},
            "M": {
                "Type": "Map",
                "Items": "{% $states.input.a.b %}",
                "ItemSelector": "{% $states.context.Map.Item.Value + 1 %}",
                "MaxConcurrency": "{% 1 %}",
                "ItemProcessor": inner,
                "Next": "C",
            },
            "C": {
                "Type": "Choice",
                "Choices": [
                    {
                        "Condition": "{% $count($states.input) = 3 %}",
                        "Next": "P",
                        "Output": "{% $sum($states.input) %}",
                    }
                ],
            },
            "P": {"Type": "Parallel", "Branches": [branch], "Next": "S"},
            "S": {"Type": "Succeed", "Output": {"sum": "{% $states.input[0] %}"}},
        },
    }
    assert check(json.dumps(definition)) == []
    assert run(definition, DATA, lambda start: start.arguments) == {"sum": 90}


def test_outputs_beyond_the_limit_fail_the_execution() -> None:
    told = failure(only({"Type": "Task", "Resource": TASK}), answer=lambda _: "x" * 262_200)
    assert told.error == "States.DataLimitExceeded"


def test_a_loop_without_end_runs_out_of_history() -> None:
    told = failure({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}})
    assert told.error == "States.Runtime"
    assert "25000" in (told.cause or "")


def test_answers_that_come_too_late_change_nothing() -> None:
    sheet = sheet_of(only({"Type": "Task", "Resource": TASK, "TimeoutSeconds": 5}))
    (start,) = sheet.starts
    sheet.now += 5
    walk.ring(sheet, start.number)
    assert sheet.execution.error == "States.Timeout"
    ended = sheet.execution
    walk.settle(sheet, start.number, start.token, 1)
    walk.fail(sheet, start.number, start.token, StateError("E", None))
    assert sheet.execution is ended


def test_heartbeats_keep_a_task_alive() -> None:
    sheet = sheet_of(only({"Type": "Task", "Resource": TASK, "HeartbeatSeconds": 10}))
    (start,) = sheet.starts
    sheet.now += 9
    assert walk.heard(sheet, start.number, start.token)
    sheet.now += 9
    walk.ring(sheet, start.number)
    assert sheet.execution.status == "RUNNING"
    sheet.now += 1
    walk.ring(sheet, start.number)
    assert sheet.execution.error == "States.HeartbeatTimeout"

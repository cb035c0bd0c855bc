"""Filters and joins over bodies."""

from __future__ import annotations

import json

import pytest

from ropeway.sandbox.domain.transform.processing import Processing
from ropeway.sandbox.domain.transform.records import TransformError


def test_without_configuration_bodies_are_left_alone() -> None:
    processing = Processing({}, "application/x-image", split=False)
    assert processing.request(b"\xff") == b"\xff"
    assert processing.apply(b"\xff", b"\x00") == b"\x00"


def test_csv_joins_input_columns_then_prediction_columns() -> None:
    processing = Processing({"JoinSource": "Input"}, "text/csv", split=True)
    assert processing.apply(b"1,2\r\n3,4\r\n", b"9,8\n7,6") == b"1,2,9,8\n3,4,7,6\n"


def test_quoted_cells_stay_whole() -> None:
    config = {"InputFilter": "$[1]", "JoinSource": "Input", "OutputFilter": "$[0,2]"}
    processing = Processing(config, "text/csv; charset=utf-8", split=True)
    body = b'"a,b",2\n"c\nd",3\n'
    assert processing.request(body) == b"2\n3\n"
    assert processing.apply(body, b"x\ny\n") == b'"a,b",x\n"c\nd",y\n'


def test_an_answer_with_other_records_is_not_joined() -> None:
    processing = Processing({"JoinSource": "Input"}, "text/csv", split=True)
    with pytest.raises(TransformError, match="1 records answer a request of 2"):
        processing.apply(b"1\n2\n", b"9\n")


def test_a_json_body_gets_a_member() -> None:
    processing = Processing({"JoinSource": "Input"}, "application/json", split=False)
    joined = json.loads(processing.apply(b'{"x": 1}', b'{"score": 2}'))
    assert joined == {"x": 1, "SageMakerOutput": {"score": 2}}


def test_json_that_is_no_object_is_put_into_one() -> None:
    processing = Processing({"JoinSource": "Input"}, "application/jsonlines", split=True)
    lines = processing.apply(b"[1]\n2\n", b"3\n4\n").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"SageMakerInput": [1], "SageMakerOutput": 3},
        {"SageMakerInput": 2, "SageMakerOutput": 4},
    ]


def test_the_output_filter_works_without_a_join() -> None:
    processing = Processing({"OutputFilter": "$.score"}, "application/json", split=False)
    assert processing.apply(b"{}", b'{"score": 0.5}') == b"0.5"


def test_an_answer_of_another_format_is_told() -> None:
    processing = Processing({"JoinSource": "Input"}, "application/json", split=False)
    with pytest.raises(TransformError, match="the answer is not application/json"):
        processing.apply(b"{}", b"a,b")


def test_formats_without_records_cannot_be_processed() -> None:
    with pytest.raises(TransformError, match="needs the ContentType text/csv"):
        Processing({"JoinSource": "Input"}, None, split=True)

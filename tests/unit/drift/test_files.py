"""Model Monitor's files: ours have its schema, and AWS's can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from ropeway.drift.checks import check
from ropeway.drift.constraints import dump_constraints, load_constraints, read_constraints, suggest
from ropeway.drift.faults import DriftError
from ropeway.drift.statisticsfile import dump_statistics, load_statistics, read_statistics, write_document
from tests.unit.drift.tables import normal, profile, write

COMMON = {
    "type": "object",
    "properties": {"num_present": {"type": "integer"}, "num_missing": {"type": "integer"}},
    "required": ["num_present", "num_missing"],
    "additionalProperties": False,
}
NUMBER = {"type": "number"}
KLL = {
    "type": "object",
    "properties": {
        "buckets": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"lower_bound": NUMBER, "upper_bound": NUMBER, "count": NUMBER},
                "required": ["lower_bound", "upper_bound", "count"],
                "additionalProperties": False,
            },
        },
        "sketch": {
            "type": "object",
            "properties": {
                "parameters": {"type": "object", "properties": {"c": NUMBER, "k": NUMBER}},
                "data": {"type": "array", "items": {"type": "array", "items": NUMBER}},
            },
            "required": ["parameters", "data"],
        },
    },
    "required": ["buckets", "sketch"],
}
TYPES = {"enum": ["Fractional", "Integral", "String", "Unknown"]}
STATISTICS = {
    "type": "object",
    "properties": {
        "version": {"const": 0},
        "dataset": {"type": "object", "properties": {"item_count": {"type": "integer"}}},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "inferred_type": TYPES,
                    "numerical_statistics": {
                        "type": "object",
                        "properties": {
                            "common": COMMON,
                            **dict.fromkeys(("mean", "sum", "std_dev", "min", "max"), NUMBER),
                            "distribution": {"type": "object", "properties": {"kll": KLL}},
                        },
                        "required": ["common"],
                        "additionalProperties": False,
                    },
                    "string_statistics": {
                        "type": "object",
                        "properties": {
                            "common": COMMON,
                            "distinct_count": {"type": "integer"},
                            "distribution": {
                                "type": "object",
                                "properties": {
                                    "categorical": {
                                        "type": "object",
                                        "properties": {"buckets": {"type": "array"}},
                                    }
                                },
                            },
                        },
                        "required": ["common", "distinct_count"],
                        "additionalProperties": False,
                    },
                },
                "required": ["name", "inferred_type"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["version", "dataset", "features"],
    "additionalProperties": False,
}
SWITCH = {"enum": ["Enabled", "Disabled"]}
CONSTRAINTS = {
    "type": "object",
    "properties": {
        "version": {"const": 0},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "inferred_type": TYPES,
                    "completeness": {"type": "number", "minimum": 0, "maximum": 1},
                    "num_constraints": {
                        "type": "object",
                        "properties": {"is_non_negative": {"type": "boolean"}},
                        "additionalProperties": False,
                    },
                    "string_constraints": {
                        "type": "object",
                        "properties": {"domains": {"type": "array", "items": {"type": "string"}}},
                        "additionalProperties": False,
                    },
                },
                "required": ["name", "inferred_type"],
                "additionalProperties": False,
            },
        },
        "monitoring_config": {
            "type": "object",
            "properties": {
                "evaluate_constraints": SWITCH,
                "emit_metrics": SWITCH,
                "datatype_check_threshold": NUMBER,
                "domain_content_threshold": NUMBER,
                "distribution_constraints": {
                    "type": "object",
                    "properties": {
                        "perform_comparison": SWITCH,
                        "comparison_threshold": NUMBER,
                        "comparison_method": {"enum": ["Simple", "Robust"]},
                    },
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
    },
    "required": ["version", "features", "monitoring_config"],
    "additionalProperties": False,
}
# As Model Monitor's analyser writes them, by its documentation.
AWS_STATISTICS: dict[str, Any] = {
    "version": 0.0,
    "dataset": {"item_count": 400},
    "features": [
        {
            "name": "age",
            "inferred_type": "Integral",
            "numerical_statistics": {
                "common": {"num_present": 400, "num_missing": 0},
                "mean": 49.5,
                "sum": 19800.0,
                "std_dev": 28.866,
                "min": 0.0,
                "max": 99.0,
                "distribution": {
                    "kll": {
                        "buckets": [{"lower_bound": 0.0, "upper_bound": 99.0, "count": 400.0}],
                        "sketch": {
                            "parameters": {"c": 0.64, "k": 2048.0},
                            "data": [[float(value) for value in range(100)] * 2, list(range(100))],
                        },
                    }
                },
            },
        },
        {
            "name": "state",
            "inferred_type": "String",
            "string_statistics": {
                "common": {"num_present": 390, "num_missing": 10},
                "distinct_count": 3.0,  # one text was not counted
                "distribution": {
                    "categorical": {"buckets": [{"value": "CA", "count": 190}, {"value": "NY", "count": 200}]}
                },
            },
        },
        {
            "name": "empty",
            "inferred_type": "Unknown",
            "string_statistics": {"common": {"num_present": 0, "num_missing": 400}, "distinct_count": 0},
        },
    ],
}
AWS_CONSTRAINTS: dict[str, Any] = {
    "version": 0.0,
    "features": [
        {
            "name": "age",
            "inferred_type": "Integral",
            "completeness": 1.0,
            "num_constraints": {"is_non_negative": True},
            "monitoringConfigOverrides": {
                "distribution_constraints": {"comparison_threshold": 0.5},
                "datatype_check_threshold": 0.9,
            },
        },
        {
            "name": "state",
            "inferred_type": "String",
            "completeness": 0.975,
            "string_constraints": {"domains": ["CA", "NY"]},
        },
        {"name": "empty", "inferred_type": "Unknown", "completeness": 0.0},
    ],
    "monitoring_config": {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": 1.0,
        "domain_content_threshold": 1.0,
        "distribution_constraints": {
            "perform_comparison": "Enabled",
            "comparison_threshold": 0.1,
            "comparison_method": "Robust",
            "categorical_comparison_threshold": 0.2,
            "categorical_drift_method": "LInfinity",
        },
    },
}


def sample(size: int = 5000) -> Any:
    return profile(
        f=normal(size),
        n=np.arange(size) % 7,
        c=["a", "b", None, "a"] * (size // 4),
        ids=[f"id-{index}" for index in range(size)],
        none=np.full(size, np.nan),
    )


def test_ours_have_the_schema() -> None:
    found = sample()
    statistics, constraints = dump_statistics(found), dump_constraints(suggest(found))
    jsonschema.validate(json.loads(json.dumps(statistics, allow_nan=False)), STATISTICS)
    jsonschema.validate(json.loads(json.dumps(constraints, allow_nan=False)), CONSTRAINTS)
    kll = statistics["features"][0]["numerical_statistics"]["distribution"]["kll"]
    assert len(kll["buckets"]) == 10
    assert sum(bucket["count"] for bucket in kll["buckets"]) == 5000
    assert statistics["features"][3]["string_statistics"]["distinct_count"] == pytest.approx(5000, rel=0.05)
    assert constraints["features"][2]["string_constraints"] == {"domains": ["a", "b"]}
    assert "string_constraints" not in constraints["features"][3]


def test_ours_come_back_as_they_were(tmp_path: Path) -> None:
    found = sample()
    write_document(tmp_path / "statistics.json", dump_statistics(found))
    write_document(tmp_path / "constraints.json", dump_constraints(suggest(found)))
    again, constraints = (
        read_statistics(tmp_path / "statistics.json"),
        read_constraints(tmp_path / "constraints.json"),
    )
    assert constraints == suggest(found)
    assert dump_statistics(again)["features"][:3] == dump_statistics(found)["features"][:3]
    assert check(found, again, constraints).findings == ()


def test_hundreds_of_categories_come_back_and_clean_data_pass() -> None:
    before, after = (
        profile(c=[f"k{kind}" for kind in np.random.default_rng(seed).integers(0, 500, 5000)])
        for seed in (1, 2)
    )
    again = load_statistics(json.loads(json.dumps(dump_statistics(before))))
    assert again.columns["c"].categories.counts == before.columns["c"].categories.counts
    assert check(after, again, suggest(before)).findings == ()


def test_a_baseline_of_aws_is_read_and_kept() -> None:
    baseline, constraints = load_statistics(AWS_STATISTICS), load_constraints(AWS_CONSTRAINTS)
    assert baseline.columns["age"].numbers.sketch.count == 400
    age, state, _ = constraints.features
    assert constraints.of(age).threshold == 0.5
    assert constraints.of(age).type_share == 0.9
    assert constraints.of(state).categorical_threshold == 0.2
    good = profile(age=np.arange(100), state=["CA", "NY"] * 50, empty=np.full(100, np.nan))
    assert check(good, baseline, constraints).findings == ()
    bad = profile(age=np.arange(100) + 200, state=["CA", "TX"] * 50, empty=np.full(100, np.nan))
    kinds = {(each.column, each.check) for each in check(bad, baseline, constraints).violations}
    assert kinds == {
        ("age", "range"),
        ("age", "drift"),
        ("state", "categories"),
        ("state", "drift"),
    }


def test_a_column_that_the_sdk_switched_off_is_not_looked_at() -> None:
    document = json.loads(json.dumps(AWS_CONSTRAINTS))
    document["features"][1]["monitoring_config_overrides"] = {"evaluate_constraints": "Disabled"}
    found = load_constraints(document)
    assert [found.of(feature).evaluate for feature in found.features] == [True, False, True]
    assert found.of(found.features[0]).threshold == 0.5


def test_statistics_without_a_sketch_are_read_by_their_buckets() -> None:
    document = json.loads(json.dumps(AWS_STATISTICS))
    del document["features"][0]["numerical_statistics"]["distribution"]["kll"]["sketch"]
    baseline = load_statistics(document)
    items, _ = baseline.columns["age"].numbers.sketch.weighted()
    assert (items[0], items[-1], len(items)) == (0.0, 99.0, 400)


def test_what_is_not_negative_by_luck_is_not_promised() -> None:
    lucky = np.concatenate([np.linspace(0.2, 3, 40), np.full(460, np.nan)])
    found = suggest(
        profile(
            lucky=lucky,
            limit=np.random.default_rng(1).exponential(size=500),
            far=normal(500, mean=50),
            below=normal(500),
        )
    )
    assert [each.non_negative for each in found.features] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "this is no JSON"),
        ("[]", "this is no JSON object"),
        ("{}", "these are no statistics of Model Monitor"),
        ('{"features": [{"name": "a", "inferred_type": "Float"}]}', "features[0]: inferred_type is 'Float'"),
        ('{"features": [{"name": "a"}]}', "inferred_type"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = write(tmp_path / "statistics.json", text)
    with pytest.raises(DriftError) as caught:
        read_statistics(file)
    assert str(caught.value).startswith(str(file))
    assert words in str(caught.value)


def test_wrong_constraints_are_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "constraints.json", '{"features": [], "monitoring_config": {"emit_metrics": "yes"}}'
    )
    with pytest.raises(DriftError, match="these are no constraints"):
        read_constraints(file)

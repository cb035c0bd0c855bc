"""Which arguments make two runs the same."""

from __future__ import annotations

from ropeway.sandbox.domain.pipelines.cache import cache_key


def test_outputs_roles_and_instances_do_not_count() -> None:
    first = {"AppSpecification": {"ImageUri": "i"}, "RoleArn": "a", "ProcessingOutputConfig": 1}
    second = {"ProcessingOutputConfig": 2, "RoleArn": "b", "AppSpecification": {"ImageUri": "i"}}
    assert cache_key("Processing", first) == cache_key("Processing", second) != ""


def test_each_key_attribute_counts() -> None:
    base = {"HyperParameters": {"a": "1"}, "InputDataConfig": []}
    keys = {
        cache_key("Training", base),
        cache_key("Training", {**base, "HyperParameters": {"a": "2"}}),
        cache_key("Training", {**base, "Environment": {"A": "b"}}),
        cache_key("Transform", base),
    }
    assert len(keys) == 4


def test_other_types_have_no_key() -> None:
    assert cache_key("Condition", {"Conditions": []}) == ""

"""Checks: what is a violation, what is chance, and what a policy changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ropeway.drift.checks import check
from ropeway.drift.constraints import Constraints, Monitoring, suggest
from ropeway.drift.findings import Result, dump_violations
from ropeway.drift.policy import Policy
from ropeway.drift.policyfile import parse_policy
from ropeway.drift.summaries import Profile
from tests.unit.drift.tables import normal, profile


def found(result: Result) -> list[tuple[str, str]]:
    return [(each.column, each.check) for each in result.violations]


def judged(data: Profile, baseline: Profile, policy: str = "") -> Result:
    return check(data, baseline, suggest(baseline), parse_policy(policy))


WHOLE = profile(n=np.arange(1000) % 10, f=normal(1000), c=[f"c{index % 3}" for index in range(1000)])


def table(size: int = 300, **changed: Any) -> Profile:
    columns: dict[str, Any] = {
        "n": np.arange(size) % 10,
        "f": normal(size, seed=9),
        "c": [f"c{index % 3}" for index in range(size)],
    }
    return profile(**{name: values for name, values in {**columns, **changed}.items() if values is not None})


def test_data_like_the_baseline_are_in_order() -> None:
    assert judged(table(), WHOLE).findings == ()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"f": normal(300, mean=1.0)}, ("f", "drift")),
        ({"n": np.arange(300) % 3}, ("n", "drift")),
        ({"c": ["c0"] * 200 + ["c1"] * 100}, ("c", "drift")),
        ({"c": ["c0", "c1", "new"] * 100}, ("c", "categories")),
        ({"n": np.concatenate([np.arange(299) % 10, [-1]])}, ("n", "non_negative")),
        ({"f": np.concatenate([normal(290), [99.0] * 10])}, ("f", "range")),
        ({"n": np.concatenate([np.arange(299) % 10, [np.nan]])}, ("n", "completeness")),
        ({"n": [str(index % 10) for index in range(299)] + ["?"]}, ("n", "type")),
        ({"n": np.arange(300) % 10 + 0.5}, ("n", "type")),
        ({"n": None}, ("n", "missing_column")),
        ({"more": np.zeros(300)}, ("more", "extra_column")),
    ],
)
def test_what_is_a_violation(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in found(judged(table(**changed), WHOLE))


def test_a_column_without_any_value_is_incomplete_and_nothing_else() -> None:
    result = judged(table(f=np.full(300, np.nan)), WHOLE)
    assert found(result) == [("f", "completeness")]


def test_a_tiny_batch_may_lack_what_half_of_the_baseline_lacks() -> None:
    half = normal(1000)
    half[::2] = np.nan
    assert judged(profile(f=np.full(5, np.nan)), profile(f=half)).findings == ()
    assert found(judged(profile(f=np.full(50, np.nan)), profile(f=half))) == [("f", "completeness")]


def test_large_whole_numbers_are_told_in_full() -> None:
    result = judged(profile(day=[20261122.0] * 50), profile(day=[20261121.0] * 500))
    (day,) = result.columns
    assert day.findings[0].text.startswith("50 of 50 values are above 20261121 (greatest: 20261122)")
    assert day.comparison is not None
    assert day.comparison.labels == ("20261121", "20261122")


def test_names_are_not_compared() -> None:
    names = profile(c=[f"name {index}" for index in range(800)])
    assert judged(profile(c=[f"other {index}" for index in range(9)]), names).findings == ()


def test_missing_values_are_a_matter_of_chance_where_the_baseline_has_some() -> None:
    holes = normal(1000)
    holes[:50] = np.nan
    baseline = profile(f=holes)
    few, many = normal(100, seed=2), normal(100, seed=2)
    few[:8] = np.nan
    many[:30] = np.nan
    assert found(judged(profile(f=few), baseline)) == []
    assert found(judged(profile(f=many), baseline)) == [("f", "completeness")]
    assert found(judged(profile(f=few), baseline, "defaults: {completeness: {min: 0.95}}")) == [
        ("f", "completeness")
    ]


def test_a_policy_leaves_gaps_in_a_complete_column_to_chance() -> None:
    baseline, one, many = profile(f=normal(200)), normal(48, seed=2), normal(48, seed=2)
    one[0] = np.nan
    many[:12] = np.nan
    lenient = "defaults: {completeness: {alpha: 0.01}}"
    assert found(judged(profile(f=one), baseline)) == [("f", "completeness")]
    assert found(judged(profile(f=one), baseline, lenient)) == []
    assert found(judged(profile(f=many), baseline, lenient)) == [("f", "completeness")]


def test_small_batches_of_clean_data_raise_no_alarm_where_a_plain_distance_would() -> None:
    rng = np.random.default_rng(4)
    whole = {name: rng.normal(size=800) for name in "abcde"}
    baseline = profile(**whole)
    plain = replace(suggest(baseline), monitoring=Monitoring(method="Simple"))
    alarms, naive = 0, 0
    for _ in range(40):
        rows = rng.choice(800, 50, replace=False)
        batch = profile(**{name: values[rows] for name, values in whole.items()})
        alarms += bool(check(batch, baseline).violations)
        naive += bool(check(batch, baseline, plain).violations)
    assert alarms <= 2
    assert naive >= 35  # what constraints that ask for the plain distance get


def test_a_significant_difference_that_does_not_matter_is_none() -> None:
    baseline, data = profile(f=normal(50_000)), profile(f=normal(50_000, mean=0.05, seed=2))
    result = judged(data, baseline)
    assert found(result) == []
    assert result.columns[0].p is not None
    assert result.columns[0].p < 0.001
    assert found(judged(data, baseline, "defaults: {drift: {threshold: 0.01}}")) == [("f", "drift")]


def test_a_policy_chooses_method_threshold_and_severity() -> None:
    data = table(f=normal(300, mean=1.0))
    for method in ("ks", "psi", "js", "wasserstein", "chi2"):
        result = judged(data, WHOLE, f"columns: {{f: {{drift: {{method: {method}, threshold: 0.1}}}}}}")
        column = next(each for each in result.columns if each.name == "f")
        assert (column.method, column.state) == (method, "error")
    assert found(judged(data, WHOLE, "columns: {f: {drift: {threshold: 0.9}}}")) == []
    warned = judged(data, WHOLE, "columns: {f: {drift: warning}}")
    assert (found(warned), [each.severity for each in warned.findings]) == ([], ["warning"])
    assert judged(data, WHOLE, "columns: {f: {drift: off}}").findings == ()
    assert judged(data, WHOLE, "ignore: [f]").findings == ()


def test_a_policy_gives_bounds_categories_and_shares() -> None:
    policy = """
    columns:
      n: {range: {max: 8}}
      c: {categories: {allowed: [c0, c1]}}
    """
    assert found(judged(table(), WHOLE, policy)) == [("n", "range"), ("c", "categories")]
    loose = "columns: {c: {categories: {allowed: [c0, c1], share: 0.6}}, n: {type: {share: 0.9}}}"
    assert found(judged(table(n=[*map(str, np.arange(299) % 10), "?"]), WHOLE, loose)) == []


def test_patterns_hold_for_many_columns() -> None:
    policy = parse_policy("columns: {'f*': {drift: warning}, f: {drift: {threshold: 0.2}}}")
    assert (policy.rule("f", "drift").severity, policy.rule("f", "drift").threshold) == ("warning", 0.2)
    assert policy.rule("g", "drift").severity is None


def test_many_columns_are_corrected_for() -> None:
    rng = np.random.default_rng(8)
    baseline = profile(**{f"x{index}": rng.normal(size=500) for index in range(60)})
    batch = profile(**{f"x{index}": rng.normal(size=60) for index in range(60)})
    bare = judged(batch, baseline, "correction: none\nalpha: 0.05")
    assert len(found(bare)) > 0
    assert found(judged(batch, baseline)) == []


def test_columns_of_identifiers_are_not_compared() -> None:
    baseline = profile(c=[f"id-{index}" for index in range(3000)])
    assert found(judged(profile(c=[f"other-{index}" for index in range(300)]), baseline)) == []


def test_numbers_are_compared_with_categories_as_texts() -> None:
    baseline = profile(c=["1", "2", "x"] * 100)
    assert found(judged(profile(c=np.asarray([7, 8] * 40)), baseline)) == [
        ("c", "categories"),
        ("c", "drift"),
    ]


def test_constraints_that_are_switched_off_are_not_applied() -> None:
    data = table(f=normal(300, mean=1.0), n=np.arange(300) % 10 + 0.5)
    constraints = suggest(WHOLE)
    off = replace(constraints, monitoring=Monitoring(evaluate=False))
    assert check(data, WHOLE, off).findings == ()
    only = replace(constraints, monitoring=Monitoring(compare=False))
    assert found(check(data, WHOLE, only)) == [("n", "type"), ("n", "range")]


def test_violations_are_written_as_model_monitor_does() -> None:
    result = judged(table(n=None, f=normal(300, mean=1.0)), WHOLE)
    violations = dump_violations(result.violations)["violations"]
    assert [(each["feature_name"], each["constraint_check_type"]) for each in violations] == [
        ("n", "missing_column_check"),
        ("f", "baseline_drift_check"),
    ]
    assert set(violations[0]) == {"feature_name", "constraint_check_type", "description"}


def test_a_baseline_without_statistics_keeps_what_its_constraints_say() -> None:
    result = check(table(c=["new"] * 300), Profile(), suggest(WHOLE), Policy())
    assert ("c", "categories") in found(result)
    assert check(table(), Profile(), Constraints(())).findings != ()


@pytest.mark.parametrize(
    ("values", "policy", "kind"),
    [
        (np.append(np.abs(normal(290)), [99.0] * 10), "", "baseline_drift_check"),
        (np.append(np.abs(normal(299)), [55.0]), "columns: {a: {range: {max: 10}}}", "data_type_check"),
        (
            np.append(np.abs(normal(299)), [-1.0]),
            "columns: {a: {non_negative: {wanted: true}}}",
            "data_type_check",
        ),
    ],
)
def test_values_that_cannot_be_are_bad_data_and_no_drift(values: Any, policy: str, kind: str) -> None:
    told = judged(profile(a=values), profile(a=np.abs(normal(800, seed=2))), policy)
    assert {finding.type for finding in told.violations} == {kind}

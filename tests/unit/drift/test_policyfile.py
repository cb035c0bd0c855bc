"""Policies: what they may say, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.drift.faults import DriftError
from ropeway.drift.policy import Policy, Rule
from ropeway.drift.policyfile import parse_policy, read_policy
from tests.unit.drift.tables import write


def test_everything_a_policy_may_say(tmp_path: Path) -> None:
    text = """\
version: 1
alpha: 0.05
correction: bh
missing: ["?"]
ignore: [id, "tmp_*"]
windows: {alarm: 2, of: 3}
defaults:
  schema: warning
  drift: {method: psi, threshold: 0.2, alpha: 0.001}
columns:
  age:
    range: {min: 0, max: 120, severity: warning}
    completeness: {min: 0.9}
    type: {share: 0.99}
    non_negative: {wanted: true}
  kind:
    categories: {allowed: [a, 1], share: 0.95}
    drift: off
"""
    policy = read_policy(write(tmp_path / "p.yaml", text))
    assert (policy.alpha, policy.correction, policy.missing) == (0.05, "bh", ("", "?"))
    assert (policy.alarm, policy.window) == (2, 3)
    assert policy.ignores("id")
    assert policy.ignores("tmp_1")
    assert not policy.ignores("age")
    assert policy.rule("age", "range") == Rule(severity="warning", least=0, greatest=120)
    assert policy.rule("age", "drift") == Rule(method="psi", threshold=0.2, alpha=0.001)
    assert policy.rule("kind", "drift").severity == "off"
    assert policy.rule("kind", "categories").allowed == ("a", "1")


def test_json_is_taken_too() -> None:
    assert parse_policy('{"alpha": 0.02}').alpha == 0.02


def test_an_empty_policy_is_the_default() -> None:
    assert parse_policy("# nothing yet\n") == Policy()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("alfa: 1", 1, "alfa: is no key here; there are version, alpha,"),
        ("alpha: 2", 1, "alpha: must be a number from 0 to 1, not 2"),
        ("alpha: true", 1, "must be a number"),
        ("\ncorrection: bonferoni", 2, "correction: must be one of holm, bh, none, not 'bonferoni'"),
        ("columns:\n  a:\n    drift:\n      treshold: 1", 4, "columns.a.drift.treshold: is no key here"),
        ("columns:\n  a:\n    drfit: off", 3, "columns.a.drfit: is no key here; there are schema, type,"),
        ("defaults: {drift: {method: kl}}", 1, "defaults.drift.method: must be one of auto, ks,"),
        ("defaults: {drift: loud}", 1, "must be one of error, warning, off, not 'loud'"),
        ("columns: {a: {range: {min: 3, max: 1}}}", 1, "columns.a.range: min must not be above max"),
        ("windows: {alarm: 3, of: 2}", 1, "windows: alarm must not be above of"),
        ("windows: {alarm: 0}", 1, "must be a whole number, at least 1"),
        ("missing: [[1]]", 1, "missing: must be a list of texts"),
        ("alpha: 0.1\nalpha: 0.2", 2, "alpha: is there twice"),
        ("columns: [a]", 1, "columns: must be a mapping"),
        ("version: 2", 1, "version: must be 1"),
        ("a: [", 1, "this is no YAML"),
        ("columns:\n  ? [a]\n  : {drift: off}", 2, "columns: a key must be a text"),
        ("columns: {a: {non_negative: {wanted: 3}}}", 1, "must be true or false"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(text: str, line: int, words: str) -> None:
    with pytest.raises(DriftError) as caught:
        parse_policy(text, "p.yaml")
    assert str(caught.value).startswith(f"p.yaml:{line}: ")
    assert words in str(caught.value)


def test_a_policy_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(b"ignore: [caf\xe9]")
    with pytest.raises(DriftError, match=r"p\.yaml: this is no UTF-8 text"):
        read_policy(tmp_path / "p.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DriftError, match=r"none\.yaml: No such file"):
        read_policy(tmp_path / "none.yaml")

"""Configurations for tests: a good one, and ways to change it."""

from __future__ import annotations

from ropeway.config.load import examine
from ropeway.config.model import Platform

REGIONS = {"eu-west-1": "aws", "eu-west-2": "aws", "us-east-1": "aws", "cn-north-1": "aws-cn"}

GOOD = """\
version: 1
name: acme
forge: {kind: github, organization: acme-ml}
ci: github-actions
units:
  retail:
    region: eu-west-1
    operations: "444444444444"
    environments:
      dev: {account: "111111111111"}
      preprod: {account: "222222222222"}
      prod: {account: "333333333333", reviewers: [lead-ds]}
"""


def platform(text: str = GOOD) -> Platform:
    """The platform that a text describes, which must be valid."""
    found, problems = examine(text, "f", REGIONS)
    assert problems == []
    assert found is not None
    return found


def complaints(text: str) -> list[str]:
    """Every problem of a text, with its advice."""
    _, problems = examine(text, "f", REGIONS)
    return [f"{problem} | {problem.advice}" for problem in problems]

"""What prepares an account: a CloudFormation template, and a shell script that deploys it where there is no Ropeway.

The template stands alone: ``ropeway bootstrap``, the AWS CLI, ``bootstrap.sh`` and StackSets deploy the same file. Its
names are those of ``ropeway.config.names``; a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["TEMPLATE", "template"]

TEMPLATE = Path(__file__).parent / "bootstrap.yaml"


def template() -> str:
    """The template's text."""
    return TEMPLATE.read_text(encoding="utf-8")

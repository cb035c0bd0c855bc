"""Amazon Resource Names (format: AWS General Reference, "Amazon Resource Names").

>>> Arn.parse("arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train").resource
'pipeline/train'
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Arn"]


@dataclass(frozen=True)
class Arn:
    """One ARN in its six parts.

    Attributes:
        service: ``sagemaker``, ``s3``, …
        region: empty for global services.
        account: twelve digits, or empty.
        resource: everything after the fifth colon.
        partition: ``aws``, ``aws-cn``, ``aws-us-gov``.
    """

    service: str
    region: str
    account: str
    resource: str
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Take an ARN apart.

        Raises:
            ValueError: the text does not have an ARN's six parts.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[2] or not parts[5]:
            raise ValueError(f"not an ARN: {text!r}")
        return cls(service=parts[2], region=parts[3], account=parts[4], resource=parts[5], partition=parts[1])

    @property
    def kind(self) -> str:
        """The resource's type: what stands before the first ``/``, or nothing."""
        head, slash, _ = self.resource.partition("/")
        return head if slash else ""

    @property
    def name(self) -> str:
        """The resource without its type: what stands after the first ``/``, or all of it."""
        _, slash, tail = self.resource.partition("/")
        return tail if slash else self.resource

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

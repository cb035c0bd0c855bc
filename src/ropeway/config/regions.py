"""The regions there are, and their partitions: from botocore's own data, without importing botocore (0.1 s)."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ropeway.errors import RopewayError

__all__ = ["known_regions"]


@cache
def known_regions() -> Mapping[str, str]:
    """Partition by region: ``{"eu-west-1": "aws", "cn-north-1": "aws-cn", …}``.

    Raises:
        RopewayError: botocore is not installed as it should be.
    """
    spec = importlib.util.find_spec("botocore")
    try:
        if spec is None or spec.origin is None:
            raise FileNotFoundError("botocore")
        text = (Path(spec.origin).parent / "data" / "partitions.json").read_text(encoding="utf-8")
    except OSError as error:
        raise RopewayError(
            f"the list of regions cannot be read: {error}", hint="install botocore again"
        ) from error
    return {
        region: str(partition["id"])
        for partition in json.loads(text)["partitions"]
        for region in partition["regions"]
        if not region.endswith("-global")
    }

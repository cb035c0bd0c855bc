"""``ropeway monitor``: whether data still look as they did."""

from __future__ import annotations

import click

from ropeway.cli.monitor.baseline import baseline
from ropeway.cli.monitor.check import check
from ropeway.cli.monitor.replay import replay
from ropeway.cli.monitor.report import report

__all__ = ["monitor"]

monitor = click.Group(
    "monitor",
    commands=[baseline, check, report, replay],
    help="""Find drift: compare data with a baseline.

    DATA are CSV, JSON lines or Parquet files, folders of them, or addresses in S3 (s3://bucket/prefix).""",
)

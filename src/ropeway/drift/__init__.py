"""Drift: what a table's columns look like, and whether new data still looks so.

A ``profile`` is what one streaming pass over CSV, JSON lines or Parquet keeps of each column: counts, types, moments,
a quantile sketch, the frequent categories. Profiles of parts can be merged. A *baseline* is a profile and the
constraints that were suggested from it, in the files of SageMaker Model Monitor: ``statistics.json`` and
``constraints.json``. ``checks`` compares a profile with a baseline by a ``policy``; ``quality`` and ``bias`` judge a
model when labels are there.

The package imports numpy, and pyarrow where it reads files; nothing else of Ropeway. It runs inside processing jobs by
``python -m ropeway.drift.analyzer`` and ``python -m ropeway.drift.clarify``.
"""

"""Lineage and experiments: what was made from what, by which job, in which trial."""

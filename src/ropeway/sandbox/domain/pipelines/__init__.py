"""Pipelines: definitions with versions, executions, and the steps that they run."""

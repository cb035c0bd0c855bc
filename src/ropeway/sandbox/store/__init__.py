"""Durable state: one SQLite database, and files for what is large."""

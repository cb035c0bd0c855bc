"""Frozen value types and the two sources of the world's variety, time and ids. No I/O."""

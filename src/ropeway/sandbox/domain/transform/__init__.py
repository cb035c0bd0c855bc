"""Batch transform as pure functions: settings, splitting, filters, joining."""

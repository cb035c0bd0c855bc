"""Budgets: kept as described with their notifications. The sandbox spends nothing, so none is ever exceeded."""

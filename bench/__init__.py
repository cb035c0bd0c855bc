"""Measurements of Ropeway against what people would use instead: ``python -m bench [NAME]``."""

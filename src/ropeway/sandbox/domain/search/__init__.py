"""SageMaker Search: which documents a search expression selects, in which order."""

"""SageMaker Metrics: the values that trial components log."""

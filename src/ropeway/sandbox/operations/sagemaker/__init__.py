"""SageMaker: one module per resource family."""

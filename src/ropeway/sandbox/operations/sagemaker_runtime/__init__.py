"""SageMaker's runtime: requests to endpoints."""

"""Tags of everything that has a SageMaker ARN."""

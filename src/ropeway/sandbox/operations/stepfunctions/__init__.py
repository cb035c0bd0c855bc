"""Step Functions: what moto lacks of it."""

"""Application Auto Scaling: what moto lacks of it."""

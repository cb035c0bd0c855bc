"""Endpoints: models that serve, their life, who answers which request, what is captured of it."""

"""The one door to AWS: sessions for a target, a small typed client per service, errors mapped to Ropeway's."""

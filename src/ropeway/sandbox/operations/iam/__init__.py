"""IAM: what Ropeway evaluates itself; users, roles and policies are kept by moto."""
